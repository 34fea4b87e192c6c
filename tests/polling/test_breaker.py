"""While Bigdata.com is down only a slow probe asks; nothing is asked all at once when it is back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from connectors_app.bigdata import Unreachable
from connectors_app.models import Allowance, ApiKey, Connector, SyncRun, Upstream
from connectors_app.services import breaker, polling
from tests.polling.conftest import NOON, at


@pytest.fixture
def keys(make_member, make_key, organization):
    return [make_key(make_member(f"member{number}", "analyst")) for number in range(60)]


def due_at(moment):
    ApiKey.objects.update(next_poll_at=moment, lease_until=None)


def claimed(moment):
    Allowance.objects.all().delete()
    return polling.claim_due(now=moment)


def fail_some(number):
    for _ in range(number):
        breaker.note_trouble(Unreachable(), now=NOON)


def test_some_trouble_stops_nothing(keys):
    fail_some(breaker.OPENS_AFTER - 1)
    due_at(NOON)
    assert len(claimed(NOON)) >= 10


def test_lasting_trouble_leaves_one_probe_at_a_time(keys):
    fail_some(breaker.OPENS_AFTER)
    due_at(NOON)
    assert claimed(at(1)) == []
    assert len(claimed(at(31))) == 1
    assert claimed(at(32)) == []
    assert len(claimed(at(62))) == 1


def test_one_answer_lets_all_go_on_at_their_usual_pace(keys, settings):
    settings.POLL_INTERVAL = 60
    fail_some(50)
    breaker.note_answer()
    due_at(NOON)
    # Sixty keys a minute are one a second; what has piled up goes out twice as fast, not at once.
    Upstream.objects.update(ticked_at=at(-12))
    claims, more = polling.tick(now=NOON)
    assert (len(claims), more) == (24, True)


def test_refusals_of_one_key_are_not_everybodys_trouble(with_key, sandbox, alice):
    api_key = with_key(alice).api_key
    for fault in ("401", "429"):
        sandbox.fault("listConnectors", fault, times=0)
        ApiKey.objects.update(status="working")
        for _ in range(breaker.OPENS_AFTER):
            polling.poll(api_key.pk)
        sandbox.clear_faults()
    assert breaker.state().failures == 0


def test_down_for_an_hour_and_back(with_key, sandbox, alice):
    """No false failure, no flood: a probe now and then, then one answer puts everything right."""
    sandbox.plant("user_alice", count=3)
    api_key = with_key(alice).api_key
    states = set(Connector.objects.values_list("state", flat=True))
    sandbox.fault("listConnectors", "500", times=0)
    sandbox.clear_requests()
    now = timezone.now()
    for _ in range(240):  # Four ticks a minute.
        now += timedelta(seconds=15)
        ApiKey.objects.update(next_poll_at=now)
        for claim in claimed(now):
            polling.poll(claim.key_id, lease_until=claim.lease_until)
    assert len(sandbox.requests) <= breaker.OPENS_AFTER + 60 * 60 / breaker.PROBE_EVERY.total_seconds()
    assert set(Connector.objects.values_list("state", flat=True)) == states
    assert not SyncRun.objects.exists()
    sandbox.clear_faults()
    assert polling.poll(api_key.pk)
    assert (Upstream.objects.get().failures, Upstream.objects.get().next_probe_at) == (0, None)


def test_a_key_that_is_told_to_wait_waits(with_key, sandbox, alice):
    api_key = with_key(alice).api_key
    sandbox.fault("listConnectors", "429", retry_after="120")
    before = timezone.now()
    assert not polling.poll(api_key.pk)
    ApiKey.objects.update(next_poll_at=before)
    assert claimed(before + timedelta(seconds=100)) == []
    assert len(claimed(before + timedelta(seconds=140))) == 1


def test_a_key_in_trouble_is_asked_less_and_less_often(with_key, sandbox, alice, settings):
    settings.POLL_INTERVAL = 60
    api_key = with_key(alice).api_key
    sandbox.fault("listConnectors", "malformed", times=0)
    waits = []
    for _ in range(8):
        polling.poll(api_key.pk)
        waits.append((ApiKey.objects.get().next_poll_at - timezone.now()).total_seconds() / 60)
    assert waits == pytest.approx([1, 2, 4, 8, 15, 15, 15, 15], rel=0.12)
