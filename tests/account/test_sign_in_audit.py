"""Who signed in, who tried, and that guessing does not flood the trail. And where CSRF and old sessions end."""

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client

from connectors_app.models import AuditEntry, Member
from connectors_app.services import sign_ins
from tests.account.authenticator_app import code_of, enter_code
from tests.account.signing_in import LOGIN, NEW_PASSWORD, RESET, guess, is_signed_in, sign_in
from tests.conftest import PASSWORD
from tests.stored import everything_stored

pytestmark = pytest.mark.django_db


def trail():
    return [entry.action for entry in AuditEntry.objects.order_by("pk")]


def test_signing_in_and_out_is_recorded(client, alice):
    sign_in(client, address="198.51.100.7")
    client.post("/account/logout/")
    came, went = AuditEntry.objects.order_by("pk")
    assert (came.action, came.actor, came.organization) == ("sign_in.succeeded", alice, alice.organization)
    assert (came.address, came.details) == ("198.51.100.7", {"by": ["password"]})
    assert (went.action, went.actor) == ("sign_in.ended", alice)


def test_a_failed_sign_in_is_told_to_the_member_s_organization(client, alice):
    sign_in(client, "Alice@Example.com", "wrong")
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.result, entry.organization) == ("sign_in.failed", "failed", alice.organization)
    assert (entry.actor, entry.actor_name, entry.target_name) == (None, "alice@example.com", "alice@example.com")


def test_one_for_nobody_is_told_to_no_organization(client, alice):
    sign_in(client, "nobody@example.com", "wrong")
    entry = AuditEntry.objects.get()
    assert (entry.organization, entry.actor_name, entry.target_id) == (None, "nobody@example.com", "")


def test_a_typed_address_is_cut_to_what_fits(client, db):
    sign_in(client, f"{'x' * 60}@{'y.' * 120}example.com", "wrong")
    assert all(len(entry.actor_name) <= 254 for entry in AuditEntry.objects.all())


def test_a_deactivated_member_s_right_password_is_a_failed_sign_in(client, alice):
    Member.objects.update(is_active=False)
    sign_in(client)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.details) == ("sign_in.failed", {"reason": "deactivated"})


def test_no_password_is_in_the_trail(client, alice):
    sign_in(client, password="canary-wrong")
    guess(6)
    sign_in(client)
    stored = everything_stored()
    assert "canary-wrong" not in stored
    assert PASSWORD not in stored


def test_a_wrong_confirmation_is_recorded_as_such(client, alice):
    sign_in(client)
    client.post("/account/reauthenticate/", {"password": "wrong"})
    assert trail() == ["sign_in.succeeded", "sign_in.confirmation_failed"]


def test_being_stopped_is_recorded_once_however_long_it_goes_on(alice):
    guess(200)
    assert trail() == ["sign_in.failed"] * 5 + ["sign_in.blocked"]
    assert AuditEntry.objects.last().organization == alice.organization


def test_guesses_for_strangers_from_everywhere_fill_no_trail(db, monkeypatch):
    monkeypatch.setattr(sign_ins, "_STRANGERS_AN_HOUR", 7)
    for number in range(12):
        guess(1, f"nobody{number}@example.com", f"203.0.113.{number}")
    assert len(trail()) == 7


def test_those_do_not_hide_a_member_s(alice, monkeypatch):
    monkeypatch.setattr(sign_ins, "_STRANGERS_AN_HOUR", 0)
    guess(1, "nobody@example.com")
    guess(1)
    assert [entry.target_name for entry in AuditEntry.objects.all()] == ["alice@example.com"]


def test_the_old_cookie_is_dead_after_signing_out_and_after_another_password(client, alice):
    sign_in(client)
    before_change = client.cookies["sessionid"].value
    fields = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    client.post("/account/password/change/", fields)
    before_sign_out = client.cookies["sessionid"].value
    client.post("/account/logout/")
    for cookie in (before_change, before_sign_out):
        other = Client()
        other.cookies["sessionid"] = cookie
        assert not is_signed_in(other)


FORMS = {
    LOGIN: {"login": "alice@example.com", "password": PASSWORD},
    "/account/logout/": {},
    RESET: {"email": "alice@example.com"},
    "/account/single-sign-on/": {},
}


@pytest.mark.parametrize("path", FORMS)
def test_a_post_without_a_token_is_refused(strict_client, alice, path):
    assert strict_client.post(path, FORMS[path]).status_code == 403


@pytest.mark.parametrize("path", FORMS)
def test_a_post_with_a_foreign_token_is_refused(strict_client, alice, path):
    strict_client.get(LOGIN)
    assert strict_client.post(path, {**FORMS[path], "csrfmiddlewaretoken": "x" * 64}).status_code == 403


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_a_post_from_another_site_is_refused_even_with_the_token(strict_client, alice, path, origin):
    token = strict_client.get(LOGIN).context["csrf_token"]
    fields = {**FORMS[path], "csrfmiddlewaretoken": str(token)}
    assert strict_client.post(path, fields, headers={"Origin": origin}).status_code == 403
    assert trail() == []


def test_a_post_from_the_page_itself_is_taken(strict_client, alice):
    token = strict_client.get(LOGIN).context["csrf_token"]
    fields = {**FORMS[LOGIN], "csrfmiddlewaretoken": str(token)}
    assert strict_client.post(LOGIN, fields, headers={"Origin": "http://testserver"}).url == "/"


@pytest.fixture
def strict_client():
    return Client(enforce_csrf_checks=True)


def test_a_wrong_code_is_recorded_and_too_many_are_stopped(client, alice):
    TOTP.activate(alice, "JBSWY3DPEHPK3PXP")
    sign_in(client)
    for _ in range(7):
        answer = client.post("/account/2fa/authenticate/", {"code": "000000"})
    assert "Too many wrong codes" in answer.text
    assert trail() == ["sign_in.failed"] * 5 + ["sign_in.blocked"]
    assert not is_signed_in(client)


def test_who_does_not_know_the_password_cannot_use_up_the_codes(client, alice):
    TOTP.activate(alice, "JBSWY3DPEHPK3PXP")
    for _ in range(7):
        client.post("/account/2fa/authenticate/", {"code": "000000"})
    assert trail() == []


def test_signing_in_with_a_code_says_so(client, alice):
    TOTP.activate(alice, "JBSWY3DPEHPK3PXP")
    sign_in(client)
    enter_code(client, code_of("JBSWY3DPEHPK3PXP"))
    assert AuditEntry.objects.get().details == {"by": ["password", "authenticator app"]}
