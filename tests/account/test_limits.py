"""Guessing passwords is stopped, and the owner still gets in."""

import socket

import pytest
from django.core.cache import cache
from django.test import Client

from connectors_app.accounts.limits import PER_ADDRESS, PER_DEVICE, PER_LOGIN_AND_ADDRESS
from tests.account.signing_in import NEW_PASSWORD, RESET, errors_of, gets_in, guess, is_signed_in, sign_in
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
ATTACKER, ELSEWHERE = "192.0.2.66", "198.51.100.7"


@pytest.fixture
def known(alice):
    """A browser in which Alice has signed in before."""
    client = Client()
    sign_in(client, address=ELSEWHERE)
    client.post("/account/logout/")
    return client


def guess_from_everywhere():
    """Past the bound for one account over all addresses."""
    for number in range(21):
        guess(5, address=f"203.0.113.{number}")


def test_after_five_guesses_even_the_right_password_is_refused(client, alice):
    guess(5)
    answer = sign_in(client, address=ATTACKER)
    assert answer.status_code == 429
    assert "Wait 5 minutes" in errors_of(answer)
    assert int(answer.headers["Retry-After"]) in range(1, 301)
    assert not is_signed_in(client)


def test_four_wrong_ones_do_not_keep_the_owner_out(client, alice):
    guess(4)
    assert gets_in(client, address=ATTACKER)


def test_what_was_typed_stays_but_for_the_password(client, alice):
    guess(5)
    answer = sign_in(client, address=ATTACKER)
    assert 'value="alice@example.com"' in answer.text
    assert PASSWORD not in answer.text


def test_one_address_gets_twenty_guesses_for_all_accounts_together(client, alice):
    for number in range(20):
        guess(1, email=f"member{number}@example.com")
    assert "this network address" in errors_of(sign_in(client, address=ATTACKER))


def test_addresses_of_one_ipv6_network_count_as_one(client, alice):
    for number in range(5):
        guess(1, address=f"2001:db8::{number}")
    assert not gets_in(client, address="2001:db8::99")


def test_guesses_from_everywhere_are_stopped_at_last(client, alice):
    guess_from_everywhere()
    answer = sign_in(client, address=ELSEWHERE)
    assert "from unknown browsers" in errors_of(answer)
    assert not is_signed_in(client)


def test_a_browser_the_owner_has_used_gets_in_all_the_same(known, alice):
    guess_from_everywhere()
    guess(20, address=ELSEWHERE)
    assert gets_in(known, address=ELSEWHERE)


def test_a_known_browser_has_a_small_bound_of_its_own(known, alice):
    guess(10, client=known, address=ELSEWHERE)
    assert "this browser" in errors_of(sign_in(known, address=ATTACKER))


def test_a_browser_known_for_one_member_is_unknown_for_another(known, bob):
    guess(5, email="bob@example.com", address=ELSEWHERE)
    assert not gets_in(known, email="bob@example.com", address=ELSEWHERE)


def test_another_password_makes_the_browser_unknown(known, alice):
    alice.set_password(NEW_PASSWORD)
    alice.save()
    guess(5, address=ELSEWHERE)
    assert not gets_in(known, password=NEW_PASSWORD, address=ELSEWHERE)


@pytest.mark.parametrize("cookie", ["", "x", "W10:a:b", "WyJkIiwgMSwgImYiXQ:1tY0:0000"])
def test_a_made_up_cookie_is_worth_nothing(client, alice, cookie):
    guess(5)
    client.cookies["known_device"] = cookie
    assert not gets_in(client, address=ATTACKER)


def test_a_wrong_password_makes_no_browser_known(client, alice):
    guess(1, client=client)
    assert "known_device" not in client.cookies


def test_the_cookie_of_a_known_browser_is_for_the_server_alone(known):
    cookie = known.cookies["known_device"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


def test_signing_in_rightly_is_no_failure(client, alice):
    for _ in range(8):
        assert gets_in(Client(), address=ELSEWHERE)


def test_an_attacker_s_own_account_does_not_reset_the_count(alice, mallory):
    guess(4)
    assert gets_in(Client(), email="mallory@example.com", address=ATTACKER)
    guess(1)
    assert not gets_in(Client(), address=ATTACKER)


def test_what_is_refused_is_not_counted(client, alice, bob):
    guess(105)
    assert gets_in(client, email="bob@example.com", address=ATTACKER)


def test_confirming_who_one_is_is_limited_as_well(client, alice):
    sign_in(client, address=ELSEWHERE)
    del client.cookies["known_device"]
    for number in range(5):
        client.post("/account/reauthenticate/", {"password": f"guess {number}"}, REMOTE_ADDR=ELSEWHERE)
    answer = client.post("/account/reauthenticate/", {"password": PASSWORD}, REMOTE_ADDR=ELSEWHERE)
    assert answer.status_code == 429
    assert "Too many failed attempts" in answer.text


def test_the_current_password_cannot_be_guessed_on_the_page_that_changes_it(signed_in, alice):
    client = signed_in(alice)
    fields = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    for number in range(5):
        client.post("/account/password/change/", {"oldpassword": f"guess {number}", **fields})
    assert client.post("/account/password/change/", {"oldpassword": PASSWORD, **fields}).status_code == 429


def test_links_for_one_address_are_asked_for_five_times_an_hour(alice):
    answers = [ask_from(f"192.0.2.{number}") for number in range(6)]
    assert [answer.status_code for answer in answers] == [302] * 5 + [429]
    assert "Wait a few minutes" in answers[-1].text


def ask_from(address, email="alice@example.com"):
    return Client().post(RESET, {"email": email}, REMOTE_ADDR=address)


def test_links_are_asked_for_twenty_times_from_one_address(db):
    answers = [ask_from(ATTACKER, f"somebody{number}@example.com") for number in range(21)]
    assert [answer.status_code for answer in answers] == [302] * 20 + [429]


def test_nobody_gets_in_while_attempts_cannot_be_counted(client, alice, settings):
    client.raise_request_exception = False
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        location = f"redis://127.0.0.1:{nobody.getsockname()[1]}/0"
        backend = "django.core.cache.backends.redis.RedisCache"
        settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": location}}
        answer = sign_in(client)
    assert answer.status_code == 503
    assert "nobody can sign in" in answer.text
    assert not is_signed_in(client)


def test_the_limits_are_counted_where_all_processes_see_them():
    assert type(cache._connections[cache._alias]).__name__ in ("CountingCache", "RedisCache")


def test_the_bounds_are_small():
    bounds = [PER_LOGIN_AND_ADDRESS, PER_ADDRESS, PER_DEVICE]
    assert [bound.rate for bound in bounds] == ["5/5m/key", "20/5m/key", "10/5m/key"]
