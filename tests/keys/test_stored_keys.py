"""Stored keys that were tampered with are not used; the others are."""

import pytest

from connectors_app.choices import KeyStatus
from connectors_app.encryption import generate_key
from connectors_app.models import ApiKey, Connector, Member
from connectors_app.services import polling
from connectors_app.services.connectors import refresh_connector
from connectors_app.services.upstream import KeyProblem


@pytest.fixture
def keys(with_key, sandbox, alice, bob):
    """Alice's and Bob's stored keys, each of which sees one connector."""
    sandbox.plant("user_alice", label="Alice's")
    sandbox.plant("user_bob", label="Bob's")
    keys = with_key(alice).api_key, with_key(bob).api_key
    sandbox.clear_requests()
    return keys


def flip(api_key):
    """Change one bit in the middle of the sealed part."""
    sealed = api_key.ciphertext
    middle = len(sealed) - 20
    ApiKey.objects.filter(pk=api_key.pk).update(
        ciphertext=sealed[:middle] + ("A" if sealed[middle] != "A" else "B") + sealed[middle + 1 :]
    )


def swap(api_key, other):
    ApiKey.objects.filter(pk=api_key.pk).update(ciphertext=other.ciphertext)


def test_a_secret_moved_to_another_row_sends_nothing(keys, sandbox):
    alices, bobs = keys
    swap(alices, bobs)
    assert not polling.poll(alices.pk)
    assert sandbox.requests == []
    assert "can't be read" in ApiKey.objects.get(pk=alices.pk).last_poll_error


def test_a_flipped_bit_sends_nothing_and_leaves_others_alone(keys, sandbox):
    alices, bobs = keys
    flip(alices)
    assert (polling.poll(alices.pk), polling.poll(bobs.pk)) == (False, True)
    assert [call["user_id"] for call in sandbox.requests] == ["user_bob"]


def test_a_key_that_cannot_be_read_is_not_called_rejected(keys):
    flip(keys[0])
    polling.poll(keys[0].pk)
    assert ApiKey.objects.get(pk=keys[0].pk).status == KeyStatus.WORKING


def test_a_refresh_with_an_unreadable_key_says_so(keys, sandbox, alice):
    flip(keys[0])
    with pytest.raises(KeyProblem, match="must replace it"):
        refresh_connector(Connector.objects.get(label="Alice's"), viewer=Member.objects.get(pk=alice.pk))
    assert sandbox.requests == []


def test_a_form_with_an_unreadable_key_says_so_and_creates_nothing(keys, sandbox, alice, signed_in):
    flip(keys[0])
    fields = {"label": "Desk", "allowed_emails": "a@example.com"}
    answer = signed_in(alice).post("/connectors/new/email/", fields)
    assert "can&#x27;t be read" in answer.text
    assert sandbox.requests == []


def test_a_ring_without_the_key_sends_nothing_and_overwrites_nothing(keys, sandbox, settings):
    before = [api_key.ciphertext for api_key in keys]
    settings.FIELD_ENCRYPTION_KEYS = [generate_key("k2")]
    assert not any(polling.poll(api_key.pk) for api_key in keys)
    assert sandbox.requests == []
    assert [ApiKey.objects.get(pk=api_key.pk).ciphertext for api_key in keys] == before


def test_replacing_mends_an_unreadable_key(keys, with_key, alice):
    flip(keys[0])
    with_key(alice)
    assert polling.poll(keys[0].pk)
