"""With whose key a connector is refreshed: one's own where it works and sees it, else its owner's, else any."""

import pytest

from connectors_app.choices import KeyStatus
from connectors_app.models import ApiKey, Connector
from connectors_app.services.polling import poll

from .stage import filled, send


@pytest.fixture
def asked_with(sandbox):
    """Whose key Bigdata.com is asked with, when the client's member presses Refresh."""

    def refresh(client, connector_id):
        sandbox.clear_requests()
        assert client.post(f"/connectors/{connector_id}/refresh/", follow=True).status_code == 200
        return [request["user_id"] for request in sandbox.requests]

    return refresh


@pytest.fixture
def hers(desk):
    """Alice's own, that nobody else's key sees."""
    send(desk, filled("sharepoint"), "sharepoint")
    return Connector.objects.get().connector_id


@pytest.fixture
def shared(hers, sandbox):
    """Alice's, that every key of the organization sees."""
    [connector_id] = sandbox.plant(share_with_org=True)
    poll(ApiKey.objects.get().pk)
    return connector_id


def test_the_viewers_own_key_comes_first(shared, bob, with_key, signed_in, asked_with):
    assert asked_with(signed_in(with_key(bob)), shared) == ["user_bob"]


def test_an_own_key_that_does_not_see_it_is_not_asked_with(hers, adam, with_key, signed_in, asked_with):
    assert asked_with(signed_in(with_key(adam)), hers) == ["user_alice"]


def test_an_own_key_that_no_longer_works_is_not_asked_with(shared, bob, with_key, signed_in, asked_with):
    client = signed_in(with_key(bob))
    ApiKey.objects.filter(member=bob).update(status=KeyStatus.REJECTED)
    assert asked_with(client, shared) == ["user_alice"]


def test_who_has_no_key_asks_with_the_owners(hers, sam, signed_in, asked_with):
    assert asked_with(signed_in(sam), hers) == ["user_alice"]


def test_of_colleagues_keys_the_owners_comes_first(hers, bob, sam, sandbox, with_key, signed_in, asked_with):
    [bobs] = sandbox.plant("user_bob", share_with_org=True)
    sandbox.plant("user_bob")  # A private one tells who has the key.
    with_key(bob)
    poll(ApiKey.objects.get(member__email__startswith="alice").pk)
    assert asked_with(signed_in(sam), bobs) == ["user_bob"]
