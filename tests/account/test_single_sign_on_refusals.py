"""What an identity provider, or somebody in its name, must not get away with; and trouble that is said calmly."""

import time

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client

from tests.account.identity_provider import BACK, START, come_back, leave
from tests.account.signing_in import is_signed_in

pytestmark = pytest.mark.django_db


def test_a_state_works_once_and_in_its_browser_only(client, alice, provider):
    back = provider.visit(leave(client))
    assert "That did not work" in Client().get(BACK, back).text
    assert client.get(BACK, back).url == "/"
    client.post("/account/logout/")
    assert "That did not work" in client.get(BACK, back).text


def test_an_id_token_made_for_another_sign_in_is_refused(client, alice, provider):
    back = provider.visit(leave(client))
    provider.claims["nonce"] = "another"
    assert "That did not work" in client.get(BACK, back).text
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    "wrong",
    [{"aud": "another client"}, {"iss": "https://evil.example"}, {"exp": time.time() - 3600}, {"exp": None}],
    ids=["audience", "issuer", "expired", "no-expiry"],
)
def test_an_id_token_with_a_wrong_claim_is_refused(client, alice, provider, wrong):
    back = provider.visit(leave(client))
    provider.claims = {name: value for name, value in {**provider.claims, **wrong}.items() if value}
    assert client.get(BACK, back).status_code == 403
    assert not is_signed_in(client)


def test_an_id_token_signed_with_another_key_is_refused(client, alice, provider):
    provider.signing_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert "That did not work" in come_back(client, provider).text
    assert not is_signed_in(client)


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_an_id_token_that_is_not_signed_by_the_provider_is_refused(client, alice, provider, algorithm):
    provider.signing_key, provider.algorithm = (None if algorithm == "none" else "x" * 32), algorithm
    assert "That did not work" in come_back(client, provider).text
    assert not is_signed_in(client)


def test_an_unknown_key_or_none_is_refused(client, alice, provider):
    provider.header = {"kid": "key-2"}
    assert "That did not work" in come_back(client, provider).text
    provider.header = {}
    assert "That did not work" in come_back(client, provider).text


def test_a_provider_that_calls_itself_otherwise_is_refused(client, alice, provider):
    provider.issuer = "https://evil.example"
    assert "That did not work" in client.post(START).text


def test_a_provider_that_does_not_answer_is_no_server_error(client, provider, settings):
    settings.OIDC_ISSUER = "http://127.0.0.1:9"
    answer = client.post(START)
    assert (answer.status_code, "That did not work" in answer.text) == (403, True)


@pytest.mark.parametrize(("error", "says"), [("access_denied", "was cancelled"), ("server_error", "did not work")])
def test_coming_back_without_a_code_is_said_calmly(client, provider, error, says):
    back = provider.visit(leave(client))
    assert says in client.get(BACK, {"state": back["state"], "error": error}).text


@pytest.mark.parametrize("query", [{}, {"state": "x"}, {"code": "x"}, {"code": "x", "state": "\x00"}])
def test_coming_from_nowhere_is_said_calmly(client, provider, query):
    assert client.get(BACK, query).status_code == 403
