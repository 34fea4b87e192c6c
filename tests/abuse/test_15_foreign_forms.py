"""Forms of other sites, of other visitors, of nobody: at every address, ours, allauth's, the back office's.

That no GET of ours changes anything is in tests/access/test_matrix.py; the rest of the addresses are asked here.
"""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.middleware.csrf import _get_new_csrf_string, _mask_cipher_secret
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern
from django.utils.regex_helper import normalize

from tests.abuse.conftest import stored
from tests.access.test_matrix import ALL_PAGES

NOBODYS = str(uuid4())
VALUES = {"type_key": "email", "role": "admin", "token": "x" * 43, "key": "set-password", "uidb36": "1"}
VALUES |= {"app_label": "connectors_app", "object_id": "1", "url": "nothing", "content_type_id": "1"}
VALUES |= dict.fromkeys(("member_id", "session_id", "pk"), "1")


def addresses(patterns: list[URLPattern | URLResolver], before: str = "/") -> Iterator[str]:
    """Of every URL pattern one address, filled in with something."""
    for each in patterns:
        if isinstance(each, URLResolver):
            yield from addresses(each.url_patterns, before + _filled_in(each))
        else:
            yield before + _filled_in(each)


def _filled_in(each: URLPattern | URLResolver) -> str:
    pattern = each.pattern
    regex = pattern.regex.pattern if isinstance(pattern, RoutePattern) else str(pattern)
    [(text, parameters), *_] = normalize(regex.replace("\\Z", "").removeprefix("^"))
    return text % {name: VALUES.get(name, NOBODYS) for name in parameters}


EVERYWHERE = sorted(set(addresses(get_resolver().url_patterns)))
OURS = len(ALL_PAGES)
ELSEWHERE = {
    "no token": {},
    "a token of nobody": {"token": "x" * 64},
    "the token of another visitor": {"token": _mask_cipher_secret(_get_new_csrf_string())},
    "the right token from another site": {"origin": "https://evil.example"},
    "the right token from an unknown site": {"origin": "null"},
    "the right token from another scheme": {"origin": "https://testserver"},
    "the right token from another port": {"origin": "http://testserver:8080"},
    "the right token from a name that looks alike": {"origin": "http://testserver.evil.example"},
}


@pytest.fixture
def browser(adam, signed_in):
    """Adam's, with a token of his own, and a server that asks for it."""
    client = signed_in(adam, Client(enforce_csrf_checks=True))
    secret = _get_new_csrf_string()
    client.cookies["csrftoken"] = secret
    client.token = _mask_cipher_secret(secret)
    return client


def post(client, address, *, token=None, origin=""):
    token = token or (client.token if origin else "")
    return client.post(address, {"csrfmiddlewaretoken": token}, headers={"Origin": origin} if origin else {})


def test_15_every_address_is_there():
    assert len(EVERYWHERE) > OURS + 20
    assert {"/keys/", "/account/login/", "/account/password/change/", "/backoffice/login/"} <= set(EVERYWHERE)


@pytest.mark.parametrize("what", ELSEWHERE)
def test_15_a_post_from_elsewhere_is_refused_at_every_address(browser, what):
    before = stored()
    statuses = {address: post(browser, address, **ELSEWHERE[what]).status_code for address in EVERYWHERE}
    assert {address: status for address, status in statuses.items() if status != 403} == {}
    assert stored() == before


def test_15_a_visitors_post_from_elsewhere_is_refused_at_every_address(db):
    client, before = Client(enforce_csrf_checks=True), stored()
    statuses = {address: client.post(address).status_code for address in EVERYWHERE}
    assert set(statuses.values()) == {403}
    assert stored() == before


@pytest.mark.parametrize("origin", ["", "http://testserver"])
def test_15_with_its_own_token_a_post_counts(browser, adam, origin):
    fields = {"csrfmiddlewaretoken": browser.token, "time_zone": "Europe/Paris"}
    assert browser.post("/account/", fields, headers={"Origin": origin} if origin else {}).status_code == 302
    adam.refresh_from_db()
    assert adam.time_zone == "Europe/Paris"


# Copies are recorded as taken; a security key's challenge has to be remembered.
REMEMBERED = ("/connectors/export.csv", "/audit/export.csv", "/account/2fa/webauthn/add/")


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_15_no_address_changes_anything_when_it_is_only_looked_at(browser, method):
    before = stored()
    for address in EVERYWHERE:
        if not address.startswith(REMEMBERED):
            assert browser.generic(method, address).status_code < 500, address
    assert stored() == before
