"""30: two workers, a clock that jumps, a lease that ran out and comes back: nothing double, nothing left out.

Two that claim at once: tests/polling/test_claims.py. Tasks that the queue kept too long: test_tasks.py there.
Killed workers: tests/polling/test_workers.py and test_27. Bulk work: tests/bulk/test_interrupted.py.
"""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from connectors_app.models import ApiKey, Connector, SyncRun
from connectors_app.services import polling

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Clock:
    """This machine's clock, which can be set."""

    def __init__(self, monkeypatch):
        self.ahead, real = timedelta(), timezone.now
        monkeypatch.setattr(timezone, "now", lambda: real() + self.ahead)


@pytest.fixture
def clock(monkeypatch):
    return Clock(monkeypatch)


@pytest.fixture
def api_key(sandbox, with_key, alice):
    """Alice's, which sees two feeds that have synced."""
    for number in (1, 2):
        sandbox.plant(
            "user_alice",
            type="investment_research",
            label=f"Feed {number}",
            last_sync_at=f"2026-03-0{number}T09:00:00Z",
            last_sync_status="SUCCESS",
        )
    return with_key(alice).api_key


def round_of_a_worker():
    """A tick and what it claims; how many keys that were."""
    claims, _ = polling.tick(now=timezone.now())
    return sum(polling.poll(claim.key_id, lease_until=claim.lease_until) for claim in claims)


def settled():
    key = ApiKey.objects.get()
    return key.lease_until is None and key.next_poll_at > timezone.now() and SyncRun.objects.count() == 2


def due_now():
    ApiKey.objects.update(next_poll_at=timezone.now())


@pytest.mark.parametrize("jump", [-DAY, -HOUR, HOUR, DAY, 400 * DAY], ids=str)
def test_30_a_clock_that_jumps_leaves_no_key_out(api_key, clock, jump):
    due_now()
    assert round_of_a_worker() == 1
    clock.ahead = jump
    assert round_of_a_worker() == 1
    assert settled()
    assert round_of_a_worker() == 0


@pytest.mark.parametrize("jump", [-DAY, -HOUR], ids=str)
def test_30_a_lease_of_the_future_is_nobody_s(api_key, clock, jump):
    """Its worker died, and then the clock was set back."""
    due_now()
    assert len(polling.claim_due(now=timezone.now())) == 1
    clock.ahead = jump
    assert round_of_a_worker() == 1
    assert settled()


def test_30_what_changed_is_taken_in_even_if_the_clock_was_set_back_since(api_key, clock):
    Connector.objects.update(label="Old", refreshed_at=timezone.now())
    clock.ahead = -HOUR
    assert polling.poll(api_key.pk)
    assert sorted(Connector.objects.values_list("label", flat=True)) == ["Feed 1", "Feed 2"]
    assert settled()


def test_30_an_answer_that_is_really_older_still_changes_nothing(api_key):
    """Another machine's clock is some seconds ahead of ours."""
    Connector.objects.update(label="New", refreshed_at=timezone.now() + timedelta(seconds=20))
    assert polling.poll(api_key.pk)
    assert set(Connector.objects.values_list("label", flat=True)) == {"New"}


def test_30_a_worker_that_comes_back_after_its_lease_doubles_nothing(api_key, clock):
    """It was at its poll when it stood still; another one took the key over and was done before it went on."""

    def stand_still_in_the_middle(execute, sql, params, many, context):
        if sql.startswith("SELECT %s AS") and not others:
            others.append(0)
            clock.ahead += timedelta(minutes=10)
            others.append(round_of_a_worker())
        return execute(sql, params, many, context)

    others = []
    due_now()
    [claim] = polling.claim_due(now=timezone.now())
    with connection.execute_wrapper(stand_still_in_the_middle):
        assert polling.poll(claim.key_id, lease_until=claim.lease_until)
    assert others == [0, 1]
    assert settled()
    assert round_of_a_worker() == 0


def test_30_a_worker_that_comes_back_before_it_asked_does_nothing(api_key, clock, sandbox):
    due_now()
    [claim] = polling.claim_due(now=timezone.now())
    clock.ahead = timedelta(minutes=10)
    assert round_of_a_worker() == 1
    sandbox.clear_requests()
    assert not polling.poll(claim.key_id, lease_until=claim.lease_until)
    assert sandbox.requests == []
    assert settled()
