"""A clock that only moves when told, for codes that are good for 30 seconds; and an identity provider."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from allauth.mfa.totp.internal import auth
from django.test import Client
from pytest_django.fixtures import Settings

from connectors_app.models import Member
from tests.account.authenticator_app import add_app
from tests.account.identity_provider import CLIENT, IdentityProvider


class Clock:
    now = 1_790_000_000.0

    def time(self) -> float:
        return self.now

    def next_code(self) -> None:
        self.now += 30


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of the codes; everything else keeps its own."""
    told = Clock()
    monkeypatch.setattr(auth, "time", SimpleNamespace(time=told.time))
    return told


@pytest.fixture
def browser(signed_in, alice: Member) -> Client:
    """Alice's, in which she has just signed in."""
    return signed_in(alice)


@pytest.fixture
def secret(browser: Client, clock: Clock) -> str:
    """Alice has an authenticator app, with a code of its own for each test step."""
    added = add_app(browser)
    clock.next_code()
    return added


@pytest.fixture(scope="package")
def running() -> Iterator[IdentityProvider]:
    provider = IdentityProvider()
    yield provider
    provider.close()


@pytest.fixture
def provider(running: IdentityProvider, settings: Settings) -> Iterator[IdentityProvider]:
    """An identity provider at which Alice signs in."""
    kept = dict(vars(running))
    settings.OIDC_ISSUER, settings.OIDC_NAME = running.url, "Northwind login"
    settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = CLIENT["id"], CLIENT["secret"]
    yield running
    vars(running).update(kept)
