"""Guessing, forged addresses, cookies that should be dead, codes used twice."""

import re

import pytest
from django.core import mail
from django.test import Client

from connectors_app.choices import AuditAction
from connectors_app.models import AuditEntry
from tests.account.authenticator_app import SECOND_STEP, code_of, enter_code, enter_password
from tests.account.conftest import browser, clock, secret
from tests.account.signing_in import NEW_PASSWORD, RESET, gets_in, guess, is_signed_in, sign_in
from tests.conftest import PASSWORD

__all__ = ["browser", "clock", "secret"]
pytestmark = pytest.mark.django_db
HOME = "198.51.100.7"


def checked_passwords():
    """How many guesses were looked at at all."""
    return AuditEntry.objects.filter(action=AuditAction.SIGN_IN_FAILED).count()


def known_browser():
    client = Client()
    sign_in(client, address=HOME)
    client.post("/account/logout/")
    return client


def test_11_of_1000_guesses_from_ten_addresses_50_count_and_the_owner_gets_in_from_elsewhere(alice):
    statuses = [guess(100, address=f"203.0.113.{number}").status_code for number in range(10)]
    assert statuses == [429] * 10
    assert checked_passwords() == 50
    assert not gets_in(Client(), address="203.0.113.1")
    assert gets_in(Client(), address=HOME)


def test_11_of_guesses_from_everywhere_100_count_and_the_owners_own_browser_gets_in(alice):
    """From no address more than it has of its own."""
    known = known_browser()
    for number in range(40):
        guess(5, address=f"203.0.113.{number}")
    assert checked_passwords() == 100
    assert not gets_in(Client(), address="203.0.113.200")
    assert gets_in(known, address=HOME)


def test_11_who_is_guessed_at_stays_signed_in(alice, signed_in):
    inside = signed_in(alice)
    guess(200)
    assert is_signed_in(inside)


@pytest.mark.parametrize(
    ("proxies", "forged"),
    [
        (0, "198.51.100.{0}"),
        (0, "198.51.100.{0}, 198.51.100.1{0}"),
        (1, "198.51.100.{0}, 192.0.2.66"),
        (1, "127.0.0.1, 10.0.0.{0}, 192.0.2.66"),
        (2, "198.51.100.{0}, 192.0.2.66, 10.0.0.1"),
        (2, "192.0.2.66"),
    ],
)
def test_12_a_forged_x_forwarded_for_is_no_way_round_the_limits(alice, settings, proxies, forged):
    """What one's own proxies add stands last; what stands before it is anybody's."""
    settings.TRUSTED_PROXIES = proxies
    for number in range(6):
        sign_in(
            Client(), password="guess", address="192.0.2.66", headers={"X-Forwarded-For": forged.format(number)}
        )
    assert checked_passwords() == 5
    last = sign_in(Client(), address="192.0.2.66", headers={"X-Forwarded-For": forged.format(9)})
    assert last.status_code == 429
    assert set(AuditEntry.objects.values_list("address", flat=True)) == {"192.0.2.66"}


def test_12_behind_a_proxy_other_clients_are_others(alice, settings):
    settings.TRUSTED_PROXIES = 1
    for _ in range(6):
        sign_in(Client(), password="guess", address="10.0.0.1", headers={"X-Forwarded-For": "192.0.2.66"})
    client = Client()
    sign_in(client, address="10.0.0.1", headers={"X-Forwarded-For": HOME})
    assert is_signed_in(client)


def stolen(client):
    """Another browser with the cookie of this one."""
    thief = Client()
    thief.cookies["sessionid"] = client.cookies["sessionid"].value
    assert is_signed_in(thief)
    return thief


def sign_out(client, admin, alice):
    client.post("/account/logout/")


def deactivate(client, admin, alice):
    admin.post(f"/members/{alice.pk}/deactivate/")


def deactivate_and_reactivate(client, admin, alice):
    deactivate(client, admin, alice)
    admin.post(f"/members/{alice.pk}/reactivate/")


def change_password(client, admin, alice):
    fields = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    assert client.post("/account/password/change/", fields).status_code == 302


def change_password_elsewhere(client, admin, alice):
    elsewhere = Client()
    sign_in(elsewhere)
    change_password(elsewhere, admin, alice)


def reset_password(client, admin, alice):
    Client().post(RESET, {"email": alice.email})
    visitor, path = (
        Client(),
        re.search(r"https?://[^/]+(/account/password/reset/key/\S+?/)\s", mail.outbox[-1].body)[1],
    )
    form = visitor.get(path, follow=True).redirect_chain[-1][0]
    visitor.post(form, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})


def end_other_sessions(client, admin, alice):
    elsewhere = Client()
    sign_in(elsewhere)
    elsewhere.post("/account/sessions/end-others/")


ENDS = (
    sign_out,
    deactivate,
    deactivate_and_reactivate,
    change_password,
    change_password_elsewhere,
    reset_password,
)


@pytest.mark.parametrize("end", [*ENDS, end_other_sessions], ids=lambda end: end.__name__)
def test_13_a_session_cookie_is_dead_after(end, alice, admin):
    client = Client()
    sign_in(client)
    thief = stolen(client)
    end(client, admin, alice)
    for page in ("/", "/connectors/", "/keys/", "/account/"):
        assert thief.get(page).url == f"/account/login/?next={page}"
    assert thief.post("/connectors/new/email/", {"label": "x"}).status_code == 302
    assert thief.cookies["sessionid"].value == "" or not is_signed_in(thief)


def test_14_a_totp_that_was_used_is_refused_at_every_door(alice, secret):
    code = code_of(secret)
    first, second = Client(), Client()
    for client in (first, second):
        assert enter_password(client) == SECOND_STEP
    assert enter_code(first, code) == 302
    assert enter_code(second, code) == 200
    assert not is_signed_in(second)
    first.post("/account/2fa/reauthenticate/?next=/account/sessions/", {"code": code})
    again = AuditEntry.objects.filter(action=AuditAction.REAUTHENTICATION_FAILED)
    assert again.count() == 1


def test_14_a_reset_password_does_not_skip_the_code(alice, secret):
    reset_password(None, None, alice)
    client = Client()
    assert enter_password(client, password=NEW_PASSWORD) == SECOND_STEP
    assert not is_signed_in(client)
    assert enter_code(client, code_of(secret)) == 302
    assert is_signed_in(client)
