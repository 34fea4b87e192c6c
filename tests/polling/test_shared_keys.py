"""A key that several members stored is asked for once, and taken in for each."""

import pytest
from django.core.management import call_command

from connectors_app.choices import KeyStatus
from connectors_app.models import Allowance, ApiKey, Connector
from connectors_app.services import polling
from connectors_app.services.api_keys import store_key
from tests.polling.conftest import NOON


@pytest.fixture
def keys(sandbox, alice, bob, mallory):
    sandbox.plant("user_alice", count=2)
    keys = [store_key(member, "sandbox-alice") for member in (alice, bob, mallory)]
    ApiKey.objects.update(next_poll_at=NOON)
    sandbox.clear_requests()
    return keys


def test_it_is_claimed_once(keys):
    assert len(polling.claim_due(now=NOON)) == 1


def test_it_is_asked_for_once_and_all_are_up_to_date(keys, sandbox):
    sandbox.plant("user_alice", label="New")
    [claim] = polling.claim_due(now=NOON)
    assert polling.poll(claim.key_id, lease_until=claim.lease_until)
    assert len(sandbox.requests) == 1
    assert Connector.objects.filter(label="New").count() == 2  # One for each organization.
    assert not ApiKey.objects.filter(next_poll_at__lte=NOON).exists()


def test_a_rejection_is_everybodys(keys, sandbox):
    sandbox.fault("listConnectors", "401")
    polling.poll(keys[0].pk)
    assert set(ApiKey.objects.values_list("status", flat=True)) == {KeyStatus.REJECTED}


def test_where_the_first_may_not_be_used_the_next_one_is(keys):
    first = min(keys, key=lambda key: key.pk)
    ApiKey.objects.filter(pk=first.pk).update(status=KeyStatus.REJECTED)
    [claim] = polling.claim_due(now=NOON)
    assert claim.key_id != first.pk


def test_asking_for_every_key_asks_for_it_once(keys, sandbox, capsys):
    call_command("poll", once=True)
    assert len(sandbox.requests) == 1
    assert "Polled 1 keys" in capsys.readouterr().out


def test_asking_for_every_key_keeps_to_the_limits(keys, sandbox):
    call_command("poll", once=True)
    spent = Allowance.objects.get(key="address").spent_to
    call_command("poll", once=True)
    assert Allowance.objects.get(key="address").spent_to > spent
