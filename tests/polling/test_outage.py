"""Bigdata.com is down for an hour, for everybody: little is asked, nothing is invented, and all go on calmly."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from connectors_app.choices import KeyStatus
from connectors_app.models import Allowance, ApiKey, Connector, SyncRun, Upstream
from connectors_app.services import breaker, polling

EVERY = timedelta(seconds=15)
KEYS = 40
# Forty keys in five minutes are two in a tick, or four to catch up; of few keys it may be ten.
PACE = 10


class Clock:
    """Lets the worker's ticks come, fifteen seconds apart, without waiting for them."""

    def __init__(self):
        self.start = timezone.now()
        self.passed = timedelta()

    def tick(self):
        """Returns how many keys were claimed; each of them is polled."""
        self.passed += EVERY
        Allowance.objects.all().delete()  # Its time is the real one, of which hardly any passes.
        claims, _ = polling.tick(now=self.start + self.passed)
        for claim in claims:
            polling.poll(claim.key_id, lease_until=claim.lease_until)
        due = ApiKey.objects.filter(pk__in=[claim.key_id for claim in claims])
        due.update(next_poll_at=F("next_poll_at") + self.passed)
        return len(claims)


@pytest.fixture
def members(sandbox, make_member, settings):
    """Each has a key, which has seen one connector; every fourth of them fails."""
    settings.POLL_INTERVAL = 300
    members = [make_member(f"member{number}", "analyst") for number in range(KEYS)]
    for number, member in enumerate(members):
        value, user = f"canary-key-of-{member.pk}", f"user_{number}"
        sandbox.add_key(value, user)
        sandbox.plant(
            user,
            type="investment_research",
            label=f"Feed {number}",
            last_sync_at="2026-03-01T09:00:00Z",
            last_sync_status="SUCCESS" if number % 4 else "FAILED",
        )
        api_key = ApiKey(member=member, organization=member.organization, status=KeyStatus.WORKING)
        api_key.seal(value)
        api_key.save()
        assert polling.poll(api_key.pk)
    ApiKey.objects.update(next_poll_at=timezone.now())
    sandbox.clear_requests()
    return members


def kept():
    states = Connector.objects.order_by("pk").values_list("label", "state", "state_since", "gone_at")
    return list(states), list(SyncRun.objects.order_by("pk").values())


def unpolled_since(moment):
    return ApiKey.objects.filter(last_polled_at__lt=moment).count()


def test_an_hour_without_an_answer_and_back(members, sandbox, signed_in):
    before, clock = kept(), Clock()
    assert Connector.objects.count() == len(before[1]) == KEYS

    sandbox.fault("*", "500", times=0)
    under_way = clock.tick()
    assert len(sandbox.requests) == under_way == PACE
    for _ in range(120):
        clock.tick()
    sandbox.clear_faults()
    sandbox.fault("*", "reset-before", times=0)
    for _ in range(120):
        clock.tick()
    probes = len(sandbox.requests) - under_way
    assert 100 <= probes <= 240 * EVERY / breaker.PROBE_EVERY
    assert kept() == before

    asked = len(sandbox.requests)
    client = signed_in(members[0])
    connector = Connector.objects.get(label="Feed 0")
    for page in ("/", "/connectors/", f"/connectors/{connector.connector_id}/"):
        answer = client.get(page)
        assert answer.status_code == 200
    assert "Feed 0" in answer.content.decode()
    assert len(sandbox.requests) == asked

    sandbox.clear_faults()
    ApiKey.objects.update(next_poll_at=clock.start)  # At the worst all of them are due at once.
    back = timezone.now()
    claimed = [clock.tick() for _ in range(8)]
    assert [number for number in claimed if number] == [1, PACE, PACE, PACE, KEYS - 3 * PACE - 1]
    assert unpolled_since(back) == 0
    assert not ApiKey.objects.exclude(last_poll_error="", poll_failures=0).exists()
    assert Upstream.objects.get().failures == 0
    assert kept() == before
