"""Two-factor: set up, asked for at sign-in, taken away; its secrets are nowhere to be read."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.cache import caches
from django.test import Client

from connectors_app.choices import AuditAction
from connectors_app.models import AuditEntry
from tests.account.authenticator_app import (
    ADD,
    CODES,
    SECOND_STEP,
    add_app,
    code_of,
    enter_code,
    enter_password,
    is_signed_in,
    open_form,
    recovery_codes,
)
from tests.conftest import PASSWORD
from tests.stored import everything_stored

pytestmark = pytest.mark.django_db
REMOVE = "/account/2fa/totp/deactivate/"
MAKE_CODES = "/account/2fa/recovery-codes/generate/"


def actions():
    return [entry.action for entry in AuditEntry.objects.order_by("pk") if entry.group == "account"]


def test_the_password_alone_signs_nobody_in_who_has_two_factor(client, secret):
    assert enter_password(client) == SECOND_STEP
    assert not is_signed_in(client)


def test_password_and_code_sign_in(client, secret):
    enter_password(client)
    assert enter_code(client, code_of(secret)) == 302
    assert is_signed_in(client)


@pytest.mark.parametrize("code", ["000000", "", "12345678", "é" * 6])
def test_a_wrong_code_does_not(client, secret, code):
    enter_password(client)
    assert enter_code(client, code) == 200
    assert not is_signed_in(client)


def test_a_code_of_30_seconds_ago_does_not(client, secret, clock):
    old = code_of(secret)
    clock.next_code()
    enter_password(client)
    assert enter_code(client, old) == 200
    assert not is_signed_in(client)


def test_the_second_step_is_no_way_in_by_itself(client, secret):
    assert client.get(SECOND_STEP).url == "/account/login/"
    assert client.post(SECOND_STEP, {"code": code_of(secret)}).url == "/account/login/"
    assert not is_signed_in(client)


def test_a_replayed_totp_is_refused(client, secret):
    code = code_of(secret)
    enter_password(client)
    enter_code(client, code)
    somebody_else = Client()
    enter_password(somebody_else)
    assert enter_code(somebody_else, code) == 200
    assert not is_signed_in(somebody_else)


def test_a_used_totp_is_known_to_every_process(client, secret):
    enter_password(client)
    enter_code(client, code_of(secret))
    in_another_process = caches.create_connection("default")
    user_id = Authenticator.objects.first().user_id
    assert in_another_process.get(f"allauth.mfa.totp.used?user={user_id}&code={code_of(secret)}") == "y"


def test_a_password_reset_does_not_skip_the_second_step(client, secret):
    client.post("/account/password/reset/", {"email": "alice@example.com"})
    path = re.search(r"https?://[^/]+(/account/password/reset/key/\S+?/)\s", mail.outbox[-1].body)[1]
    form = client.get(path, follow=True)
    new = "battery staple horse"
    client.post(form.redirect_chain[-1][0], {"password1": new, "password2": new})
    assert not is_signed_in(client)
    assert enter_password(client, password=new) == SECOND_STEP
    assert not is_signed_in(client)


def test_a_recovery_code_signs_in_once(browser, client, secret):
    [code, *_] = recovery_codes(browser)
    enter_password(client)
    assert enter_code(client, code) == 302
    again = Client()
    enter_password(again)
    assert enter_code(again, code) == 200
    assert not is_signed_in(again)


def test_recovery_codes_are_shown_once(browser, secret):
    assert len(recovery_codes(browser)) == 10
    assert recovery_codes(browser) == []
    assert browser.get(f"{CODES}download/").status_code == 404


def test_new_recovery_codes_void_the_old_ones(browser, client, secret):
    [old, *_] = recovery_codes(browser)
    assert browser.post(MAKE_CODES).url == CODES
    [new, *_] = recovery_codes(browser)
    enter_password(client)
    assert enter_code(client, old) == 200
    assert enter_code(client, new) == 302


def test_the_page_counts_the_codes_that_are_left(browser, client, secret):
    [code, *_] = recovery_codes(browser)
    enter_password(client)
    enter_code(client, code)
    assert "9 of them are left" in " ".join(browser.get("/account/2fa/").text.split())


def test_the_secret_of_either_tab_can_be_used(browser):
    secret, fields = open_form(browser)
    open_form(browser)
    assert browser.post(ADD, {**fields, "code": code_of(secret)}).url == CODES


def test_after_a_wrong_code_the_form_is_about_the_same_secret(browser):
    secret, fields = open_form(browser)
    assert secret in browser.post(ADD, {**fields, "code": "000000"}).text
    assert not Authenticator.objects.exists()


def test_somebody_elses_form_is_worth_nothing(browser, signed_in, bob):
    secret, fields = open_form(signed_in(bob))
    answer = browser.post(ADD, {**fields, "code": code_of(secret)})
    assert (answer.status_code, secret in answer.text) == (200, False)
    assert not Authenticator.objects.exists()


def test_a_form_sent_twice_adds_one_app(browser):
    secret, fields = open_form(browser)
    answers = [browser.post(ADD, {**fields, "code": code_of(secret)}) for _ in range(2)]
    assert [answer.url for answer in answers] == [CODES, "/account/2fa/"]
    assert Authenticator.objects.filter(type="totp").count() == 1


def test_without_the_app_the_password_does_again_and_the_codes_are_gone(browser, client, secret):
    assert browser.post(REMOVE).url == "/account/2fa/"
    assert not Authenticator.objects.exists()
    assert enter_password(client) == "/"


def test_what_changes_is_recorded(browser, clock):
    add_app(browser)
    browser.post(MAKE_CODES)
    browser.post(REMOVE)
    made = AuditAction.RECOVERY_CODES_MADE
    assert actions() == [AuditAction.MFA_ADDED, made, made, AuditAction.MFA_REMOVED]
    assert AuditEntry.objects.first().details == {"changes": {"two_factor": [None, "Authenticator app"]}}


def test_no_secret_of_two_factor_can_be_read_anywhere(browser, client, secret, clock, caplog):
    caplog.set_level("DEBUG")
    codes = recovery_codes(browser)
    enter_password(client)
    enter_code(client, code_of(secret))
    enter_code(client, "000000")
    pages = [browser.get(f"/account/{path}").text for path in ("", "2fa/", "2fa/recovery-codes/", "sessions/")]
    told = "".join(pages) + caplog.text + everything_stored()
    found = [each for each in (secret, PASSWORD, *codes) if each in told]
    assert found == []


def test_a_secret_that_is_being_set_up_is_stored_nowhere(browser, caplog):
    caplog.set_level("DEBUG")
    secret, fields = open_form(browser)
    browser.post(ADD, {**fields, "code": "000000"})
    assert secret not in everything_stored() + caplog.text


def test_secrets_are_stored_encrypted_by_the_key_ring(secret):
    stored = {each.type: each.data for each in Authenticator.objects.all()}
    assert stored["totp"]["secret"].startswith("v1:test1:")
    assert stored["recovery_codes"]["seed"].startswith("v1:test1:")


@pytest.mark.parametrize("stored", ["A", ""])
def test_a_secret_that_was_tampered_with_lets_nobody_in(client, secret, stored):
    app = Authenticator.objects.get(type="totp")
    app.data = {"secret": stored and app.data["secret"][:-5] + "AAAA="}
    app.save()
    enter_password(client)
    answer = client.post(SECOND_STEP, {"code": code_of(secret)})
    assert "read. Ask whoever runs this dashboard." in answer.text
    assert not is_signed_in(client)


@pytest.mark.parametrize("nonsense", ["9" * 5000, "{", "[]", '{"id": null}', "\0"])
def test_what_is_no_answer_of_a_security_key_is_refused_in_words(browser, secret, nonsense):
    sent = {"credential": nonsense}
    assert browser.post("/account/2fa/webauthn/add/", sent | {"name": "Blue"}).status_code == 200
    visitor = Client()
    enter_password(visitor)
    answer = visitor.post(SECOND_STEP, sent)
    assert answer.status_code == 200
    assert not is_signed_in(visitor)
