"""The worker's tasks: each tick polls what is due, and nothing else."""

from datetime import timedelta

import pytest
from django.utils import timezone

from connectors_app import tasks
from connectors_app.models import ApiKey
from connectors_app.services import polling
from tests.polling.conftest import NOON


@pytest.fixture
def keys(with_key, sandbox, alice, bob):
    """Alice's key is due, Bob's is not."""
    keys = with_key(alice).api_key, with_key(bob).api_key
    ApiKey.objects.filter(pk=keys[0].pk).update(next_poll_at=NOON)
    ApiKey.objects.filter(pk=keys[1].pk).update(next_poll_at=timezone.now() + timedelta(minutes=5))
    sandbox.clear_requests()
    return keys


def asked(sandbox):
    return [call["user_id"] for call in sandbox.requests]


def lease(api_key):
    """Claim the key as a tick does; what its task is told."""
    moment = timezone.now() + timedelta(minutes=2)
    ApiKey.objects.filter(pk=api_key.pk).update(lease_until=moment)
    return moment.isoformat()


def test_a_tick_polls_what_is_due_once(keys, sandbox):
    tasks.poll_due_keys()
    tasks.poll_due_keys()
    assert asked(sandbox) == ["user_alice"]


def test_ticks_at_the_same_moment_are_one(keys):
    now = timezone.now()
    claims, more = polling.tick(now=now)
    assert (len(claims), more) == (1, False)
    ApiKey.objects.update(lease_until=None)
    assert polling.tick(now=now) == ([], False)
    claims, _ = polling.tick(now=now + timedelta(seconds=1))
    assert len(claims) == 1


def test_a_fresh_worker_polls_at_once(keys, sandbox):
    tasks.poll_at_once()
    assert asked(sandbox) == ["user_alice"]


def test_a_task_asks_for_its_key_only(keys, sandbox):
    tasks.poll_key(str(keys[1].pk), lease(keys[1]))
    assert asked(sandbox) == ["user_bob"]


def test_a_task_whose_key_is_gone_ends_quietly(keys, sandbox):
    moment = lease(keys[0])
    ApiKey.objects.all().delete()
    tasks.poll_key(str(keys[0].pk), moment)
    assert asked(sandbox) == []


def test_a_task_that_the_queue_kept_too_long_does_nothing(keys, sandbox):
    moment = lease(keys[0])
    ApiKey.objects.filter(pk=keys[0].pk).update(lease_until=timezone.now() + timedelta(minutes=5))
    tasks.poll_key(str(keys[0].pk), moment)
    assert asked(sandbox) == []
