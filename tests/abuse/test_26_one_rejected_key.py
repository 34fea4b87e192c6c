"""Of many keys one is rejected: only it stops, and one alert tells of it.

Forty keys stand for 5,000: each is asked for by itself, however many there are (`bench.workers` polls as many).
"""

from datetime import timedelta

import pytest
from django.utils import timezone

from connectors_app.choices import AuditAction, IncidentKind, KeyStatus, State
from connectors_app.models import Allowance, ApiKey, AuditEntry, Connector, Delivery, Incident
from connectors_app.services import breaker, polling
from tests.abuse.evil import messages_about_it
from tests.alerts import conftest as of_alerts

make_channel = of_alerts.make_channel
KEYS, ROUNDS = 40, 3


@pytest.fixture
def rejected(sandbox, make_member, make_channel):
    """One of many members' keys, after some rounds in which Bigdata.com refuses it; each sees one connector."""
    make_channel()
    keys = []
    for number in range(KEYS):
        member = make_member(f"member{number}", "analyst")
        sandbox.add_key(f"canary-key-{number}", f"user_{number}")
        sandbox.plant(f"user_{number}", label=f"Inbox {number}")
        api_key = ApiKey(member=member, organization=member.organization, status=KeyStatus.WORKING)
        api_key.seal(f"canary-key-{number}")
        api_key.save()
        assert polling.poll(api_key.pk)
        keys.append(api_key)
    sandbox.clear_requests()
    sandbox.fault("*", "401", key="canary-key-7", times=0)
    for _ in range(ROUNDS):
        ApiKey.objects.update(next_poll_at=timezone.now(), lease_until=None)
        Allowance.objects.all().delete()
        for claim in polling.claim_due(now=timezone.now() + timedelta(seconds=1), limit=KEYS):
            polling.poll(claim.key_id, lease_until=claim.lease_until)
    return keys[7]


def test_26_only_it_stops_and_one_alert_tells_its_owner_and_each_channel_of_it(rejected, sandbox):
    asked = [call["user_id"] for call in sandbox.requests]
    assert {user: asked.count(user) for user in asked if user != "user_7"} == {
        f"user_{number}": ROUNDS for number in range(KEYS) if number != 7
    }
    assert len(asked) == (KEYS - 1) * ROUNDS + 1
    assert [key.pk for key in ApiKey.objects.exclude(status=KeyStatus.WORKING)] == [rejected.pk]
    assert [each.label for each in Connector.objects.exclude(state=State.HEALTHY)] == ["Inbox 7"]
    assert breaker.state().failures == 0
    [incident] = Incident.objects.all()
    assert (incident.kind, incident.member) == (IncidentKind.KEY_REJECTED, rejected.member)
    made = messages_about_it()
    assert sorted(each.channel.member_id or 0 for each in made) == [0, rejected.member_id]
    assert messages_about_it() == []
    assert Delivery.objects.count() == 2
    assert AuditEntry.objects.filter(action=AuditAction.KEY_REJECTED).count() == 1
