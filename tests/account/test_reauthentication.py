"""Before what matters, a member confirms that it is them, unless they have just signed in."""

import time

import pytest
from allauth.mfa.models import Authenticator

from tests.account.authenticator_app import ADD, CODES, code_of, enter_password, open_form
from tests.conftest import PASSWORD
from tests.stored import everything_stored

pytestmark = pytest.mark.django_db
CONFIRM = "/account/reauthenticate/"
PROTECTED = [ADD, "/account/2fa/webauthn/add/", "/account/2fa/recovery-codes/generate/"]


@pytest.fixture
def long_ago(browser):
    """Alice's browser, in which she signed in an hour ago."""
    return signed_in_ago(browser, seconds=3600)


def signed_in_ago(client, *, seconds):
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time() - seconds}]
    session.save()
    return client


@pytest.mark.parametrize("path", PROTECTED)
def test_a_fresh_sign_in_counts(client, alice, path):
    enter_password(client)
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("path", PROTECTED)
def test_later_one_confirms_first_and_comes_back(long_ago, path):
    answer = long_ago.get(path)
    assert answer.url == f"{CONFIRM}?next={path.replace('/', '%2F')}"
    assert "Confirm it's you" in long_ago.get(answer.url).text
    assert long_ago.post(CONFIRM, {"password": PASSWORD, "next": path}).url == path
    assert long_ago.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/account/2fa/totp/deactivate/", CODES])
def test_taking_away_and_looking_at_codes_too(browser, secret, path):
    assert signed_in_ago(browser, seconds=3600).get(path).url.startswith(CONFIRM)


@pytest.mark.parametrize("path", ["/account/sessions/end-others/", "/account/sessions/1/end/"])
def test_ending_sessions_too(long_ago, path):
    assert long_ago.post(path).url.startswith(CONFIRM)


def test_nothing_that_was_posted_is_kept_or_done(browser):
    secret, fields = open_form(browser)
    signed_in_ago(browser, seconds=3600)
    answer = browser.post(ADD, {**fields, "code": code_of(secret), "canary": "canary-in-a-form"}, follow=True)
    assert "Nothing was done yet" in answer.text
    assert "canary-in-a-form" not in everything_stored()
    browser.post(CONFIRM, {"password": PASSWORD, "next": ADD})
    assert not Authenticator.objects.exists()


def test_a_wrong_password_confirms_nothing(long_ago):
    assert long_ago.post(CONFIRM, {"password": "wrong", "next": ADD}).status_code == 200
    assert long_ago.get(ADD).url.startswith(CONFIRM)


def test_wrong_passwords_here_are_counted_as_at_the_sign_in(long_ago):
    for number in range(12):
        long_ago.post(CONFIRM, {"password": f"guess {number}", "next": ADD})
    long_ago.post(CONFIRM, {"password": PASSWORD, "next": ADD})
    assert long_ago.get(ADD).url.startswith(CONFIRM)


def test_a_code_confirms_it_as_well(browser, secret):
    signed_in_ago(browser, seconds=3600)
    assert browser.post("/account/2fa/reauthenticate/", {"code": code_of(secret), "next": CODES}).url == CODES
    assert browser.get(CODES).status_code == 200


def test_the_password_that_confirmed_it_is_nowhere(long_ago, caplog):
    caplog.set_level("DEBUG")
    answer = long_ago.post(CONFIRM, {"password": "canary-password", "next": ADD})
    long_ago.post(CONFIRM, {"password": PASSWORD, "next": ADD})
    told = answer.text + caplog.text + everything_stored()
    assert [each for each in ("canary-password", PASSWORD) if each in told] == []


def test_it_never_leads_to_another_site(long_ago):
    assert "evil" not in long_ago.post(CONFIRM, {"password": PASSWORD, "next": "https://evil.example/"}).url
