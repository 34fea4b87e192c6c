"""The address of a client: what one's own proxies say, and nothing else."""

import pytest
from django.test import Client, RequestFactory

from connectors_app.accounts.client_address import address_of
from connectors_app.models import AuditEntry
from tests.account.signing_in import guess, is_signed_in, sign_in

PROXY, CLIENT, FORGED = "10.0.0.1", "198.51.100.7", "203.0.113.9"


def address(settings, forwarded, proxies=0, remote=PROXY):
    settings.TRUSTED_PROXIES = proxies
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    return address_of(RequestFactory().get("/", REMOTE_ADDR=remote, headers=headers))


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, FORGED, PROXY),
        (1, CLIENT, CLIENT),
        (1, f"{FORGED}, {CLIENT}", CLIENT),
        (2, f"{FORGED},{CLIENT},10.0.0.2", CLIENT),
        (1, None, PROXY),
        (1, "", PROXY),
        (2, CLIENT, PROXY),
        (3, f"{FORGED}, {CLIENT}", PROXY),
        (1, "unknown", PROXY),
        (1, f"{FORGED}, <script>", PROXY),
        (1, f"{FORGED},", PROXY),
        (-1, FORGED, PROXY),
    ],
)
def test_only_what_one_s_own_proxies_added_counts(settings, proxies, forwarded, expected):
    assert address(settings, forwarded, proxies) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("198.51.100.7:4711", CLIENT),
        (" 198.51.100.7 ", CLIENT),
        ("[2001:db8::1]:4711", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("2001:DB8:0::1", "2001:db8::1"),
        ("::ffff:198.51.100.7", CLIENT),
        ("fe80::1%eth0", "fe80::1"),
        ("198.51.100.7:", PROXY),
        ("999.1.1.1", PROXY),
        ("[", PROXY),
        ("%", PROXY),
    ],
)
def test_each_address_has_one_spelling(settings, written, expected):
    assert address(settings, written, proxies=1) == expected


@pytest.mark.parametrize("remote", ["", "unix:", "garbage"])
def test_without_an_address_there_is_none(settings, remote):
    assert address(settings, None, remote=remote) is None


def test_a_forged_header_does_not_move_the_limits(client, alice):
    for number in range(5):
        sign_in(client, password="wrong", headers={"X-Forwarded-For": f"203.0.113.{number}"})
    sign_in(client, headers={"X-Forwarded-For": "203.0.113.99"})
    assert not is_signed_in(client)


def test_behind_a_proxy_a_forged_entry_does_not_move_them_either(client, alice, settings):
    settings.TRUSTED_PROXIES = 1
    for number in range(5):
        sign_in(client, password="wrong", headers={"X-Forwarded-For": f"203.0.113.{number}, {CLIENT}"})
    assert sign_in(client, headers={"X-Forwarded-For": f"203.0.113.99, {CLIENT}"}).status_code == 429


def test_behind_a_proxy_clients_do_not_share_their_limits(client, alice, settings):
    settings.TRUSTED_PROXIES = 1
    for _ in range(5):
        sign_in(Client(), password="wrong", headers={"X-Forwarded-For": FORGED})
    sign_in(client, headers={"X-Forwarded-For": CLIENT})
    assert is_signed_in(client)


@pytest.mark.parametrize("forwarded", ["", "garbage", "1.2.3.4"])
def test_a_header_that_does_not_fit_is_no_server_error(client, alice, settings, forwarded):
    settings.TRUSTED_PROXIES = 2
    sign_in(client, headers={"X-Forwarded-For": forwarded})
    assert is_signed_in(client)


def test_one_can_sign_in_through_a_socket_without_addresses(client, alice):
    sign_in(client, address="")
    assert is_signed_in(client)
    assert AuditEntry.objects.get(action="sign_in.succeeded").address is None


def test_and_is_limited_there(alice):
    assert guess(6, address="").status_code == 429


def test_the_trail_tells_the_address_that_can_be_believed(client, alice, settings):
    settings.TRUSTED_PROXIES = 1
    sign_in(client, headers={"X-Forwarded-For": f"{FORGED}, {CLIENT}"})
    assert AuditEntry.objects.get(action="sign_in.succeeded").address == CLIENT


def test_without_proxies_a_forwarded_protocol_is_worth_nothing(client, db, settings):
    assert settings.SECURE_PROXY_SSL_HEADER is None
