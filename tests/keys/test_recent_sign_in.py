"""Keys are touched only by who has just signed in, or has just confirmed that it is them."""

import time

import pytest

from connectors_app.models import ApiKey

KEY = "canary-key-recent"


@pytest.fixture
def page(sandbox, signed_in, alice):
    """Of somebody who signed in a long time ago, and has a key."""
    sandbox.add_key(KEY, "user_alice")
    page = signed_in(alice)
    page.post("/keys/", {"api_key": KEY})
    session = page.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time() - 3600}]
    session.save()
    return page


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/keys/", {"api_key": "canary-sent"}),
        ("/keys/remove/", {}),
        ("/keys/expiry/", {"expires_on": "2999-01-31"}),
    ],
)
def test_an_old_sign_in_changes_nothing(page, sandbox, path, fields):
    sandbox.clear_requests()
    answer = page.post(path, fields)
    assert answer.status_code == 302
    assert answer.url.startswith("/account/reauthenticate/?next=%2Fkeys%2F")
    api_key = ApiKey.objects.get()
    assert (api_key.holds(KEY), api_key.expires_on) == (True, None)
    assert sandbox.requests == []


def test_what_was_sent_too_late_is_kept_nowhere(page):
    page.post("/keys/", {"api_key": "canary-sent-too-late"})
    assert "canary-sent-too-late" not in str(dict(page.session))


def test_looking_needs_no_confirmation_and_typing_is_not_in_vain(page):
    answer = page.get("/keys/?next=/connectors/new/")
    assert "•••• cent" in answer.text
    assert 'name="api_key"' not in answer.text
    assert "/keys/?next=%2Fconnectors%2Fnew%2F&amp;confirm=1" in answer.text


def test_who_wants_to_replace_confirms_first_and_comes_back(page):
    confirm = page.get("/keys/?confirm=1")
    assert confirm.url == "/account/reauthenticate/?next=%2Fkeys%2F%3Fconfirm%3D1"
    back = page.post(confirm.url, {"password": "correct horse battery"}, follow=True)
    assert back.redirect_chain[-1][0] == "/keys/?confirm=1"
    assert 'name="api_key"' in back.text


@pytest.mark.parametrize("action", ["disable", "enable"])
def test_an_admin_confirms_too(adam, alice, make_key, signed_in, action):
    api_key = make_key(alice)
    client = signed_in(adam)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time() - 3600}]
    session.save()
    for answer in (client.get(f"/keys/{api_key.pk}/{action}/"), client.post(f"/keys/{api_key.pk}/{action}/")):
        assert answer.url.startswith("/account/reauthenticate/")
    assert ApiKey.objects.get().status == "working"


@pytest.mark.parametrize("path", ["/keys/", "/keys/expiry/"])
def test_the_day_waits_for_who_confirms(page, path):
    confirm = page.post(path, {"api_key": "canary-sent", "expires_on": "2999-01-31"})
    back = page.post(confirm.url, {"password": "correct horse battery"}, follow=True)
    assert 'value="2999-01-31"' in back.text
    assert "canary-sent" not in back.text
    assert ApiKey.objects.get().expires_on is None


def test_who_confirms_types_at_once(page):
    confirm = page.get("/keys/?confirm=1")
    assert "autofocus" in page.get(confirm.url).text
