"""Bulk work on connectors that the sandbox has, driven turn by turn as the worker does it."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from connectors_app.choices import BulkAction
from connectors_app.models import Allowance, Bulk, Connector, Member
from connectors_app.permissions import may_change
from connectors_app.sandbox import SandboxServer
from connectors_app.services import bulk, bulk_work, polling

FEED = {"type": "investment_research"}


@pytest.fixture
def have(sandbox: SandboxServer) -> Callable[..., list[Connector]]:
    """Give a member (with a key) connectors, and let the dashboard know of them. The request log is empty then."""

    def plant(member: Member, count: int = 1, **fields: object) -> list[Connector]:
        name = member.email.partition("@")[0]
        label = str(fields.pop("label", "Feed"))
        ids = sandbox.plant(f"user_{name}", count=count, label=label, **(FEED | fields))
        polling.poll(member.api_key.pk)
        member.refresh_from_db()
        sandbox.clear_requests()
        found = Connector.objects.filter(organization=member.organization, connector_id__in=ids)
        return list(found.order_by("pk"))

    return plant


def begin(member: Member, action: BulkAction, connectors: list[Connector], **parameters: str) -> Bulk:
    return bulk.start(bulk_id=uuid4(), actor=member, action=action, parameters=parameters, connectors=connectors)


def begin_syncs(member: Member, connectors: list[Connector]) -> Bulk:
    return begin(member, BulkAction.SYNC, connectors, date_limit="2026-01-01")


def turn(work: Bulk, *, limit: int | None = None) -> float | None:
    return bulk_work.take_turn(work.organization_id, may_change=may_change, limit=limit)


def time_passes() -> None:
    """Every lease, and with it every pause, is over, and the limits have room again."""
    Allowance.objects.all().delete()
    Bulk.objects.exclude(lease_until=None).update(lease_until=timezone.now() - timedelta(seconds=1))


def work_off(work: Bulk) -> bulk.Progress:
    """Turn after turn until nothing is left to send."""
    while turn(work) is not None:
        time_passes()
    return progress(work)


def progress(work: Bulk) -> bulk.Progress:
    return bulk.progress_of([work])[work.pk]


def messages_of(work: Bulk) -> set[str]:
    return set(work.items.values_list("message", flat=True))


def calls(sandbox: SandboxServer) -> dict[str, int]:
    counted: dict[str, int] = sandbox.counts()["operations"]
    return counted
