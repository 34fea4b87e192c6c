"""1,000 creates through a network that loses requests and answers at random: `python -m bench.lost_creates [N]`.

Each create is asked for as a person does: once, and again only after the dashboard said that it is safe.
Afterwards upstream must hold exactly what was asked for, and every operation must be settled.
"""

import random
import sys
import time
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import requests

if TYPE_CHECKING:
    from connectors_app.models import Member
    from connectors_app.sandbox import SandboxServer

FAULTS = ("reset-before", "reset-after", "502-html", "malformed", None, None, None, None)


def create_all(member: "Member", sandbox: "SandboxServer", labels: list[str], *, seed: int) -> int:
    """Create one connector per label. Returns how many rounds of asking it took."""
    from connectors_app.choices import Outcome
    from connectors_app.models import Operation

    chance = random.Random(seed)
    rounds, left = 0, labels
    while left:
        rounds += 1
        for label in left:
            _create_once(member, sandbox, label, fault=chance.choice(FAULTS))
        _settle(member)
        done = Operation.objects.filter(outcome=Outcome.SUCCEEDED).values_list("request__label", flat=True)
        left = sorted(set(labels) - set(done))
    return rounds


def upstream_labels(sandbox: "SandboxServer") -> list[str]:
    """What is there in truth, asked of the API itself."""
    answer = requests.get(
        f"{sandbox.url}/contents/v1/connectors", headers={"X-API-KEY": "sandbox-alice"}, timeout=30
    )
    return [connector["label"] for connector in answer.json()["results"]]


def _create_once(member: "Member", sandbox: "SandboxServer", label: str, *, fault: str | None) -> None:
    from connectors_app.connector_types import CONNECTOR_TYPES
    from connectors_app.services.connectors import create_connector

    if fault:
        sandbox.fault("createConnector", fault)
    create_connector(
        member=member,
        operation_id=uuid4(),
        connector_type=CONNECTOR_TYPES["sharepoint"],
        label=label,
        description="",
        share_with_org=False,
        config={"session_id": "bench"},
    )


def _settle(member: "Member") -> None:
    """Look as often as it takes; the operations are made older instead of waiting."""
    from django.db.models import F

    from connectors_app.choices import Outcome
    from connectors_app.models import Operation
    from connectors_app.services import polling

    open_operations = Operation.objects.filter(outcome=Outcome.UNKNOWN)
    while open_operations.exists():
        open_operations.update(created_at=F("created_at") - timedelta(seconds=30))
        assert polling.poll(member.api_key.pk)


def main(count: int) -> int:
    from bench.stage import stage

    with stage() as (member, sandbox):
        labels = [f"Feed {number:04}" for number in range(count)]
        started = time.perf_counter()
        rounds = create_all(member, sandbox, labels, seed=1)
        seconds = time.perf_counter() - started

        from connectors_app.models import Operation

        upstream = Counter(upstream_labels(sandbox))
        outcomes = Counter(Operation.objects.values_list("outcome", flat=True))
    twice = [label for label, times in upstream.items() if times > 1]
    lost = [label for label in labels if label not in upstream]
    print(f"{count} asked for, {sum(upstream.values())} made, {len(twice)} twice, {len(lost)} lost")
    print(f"operations: {dict(outcomes)}; {rounds} rounds of asking; {seconds:.0f} s")
    return 0 if not twice and not lost and set(outcomes) <= {"succeeded", "failed"} else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000))
