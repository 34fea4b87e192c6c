"""Operations and bulk work as they are now and then: under way, done, and gone wrong."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from connectors_app.models import Bulk, Connector, Member, Operation, Organization
from connectors_app.models.bulk import BulkItem

_REFUSED = "Bigdata.com refused it: the connector is being synced already."


def add_operations(organization: Organization, actor: Member) -> dict[str, dict[str, Any]]:
    def add(outcome: str, **fields: Any) -> Operation:
        finished_at = None if outcome == "pending" else timezone.now()
        about = {"kind": "create", "connector_type": "email", "request": {"label": "Nordic banks"}} | fields
        return Operation.objects.create(
            organization=organization,
            actor=actor,
            key_owner=actor,
            outcome=outcome,
            finished_at=finished_at,
            **about,
        )

    lost = add("unknown", message="Bigdata.com did not answer, so we do not know whether it was created.")
    lost.candidates.set(organization.connectors.filter(type="email")[:2])
    broker = organization.connectors.get(label="Ostrava Capital")
    of_broker = {"kind": "sync", "connector": broker, "connector_type": broker.type}
    return {
        "choose": {"operation_id": str(lost.pk)},
        "failed": {"operation_id": str(add("failed", message=_REFUSED, error_code="refused", **of_broker).pk)},
        "pending": {"operation_id": str(add("pending", **of_broker).pk)},
    }


def add_bulks(organization: Organization, actor: Member) -> dict[str, dict[str, Any]]:
    own = organization.connectors.filter(bigdata_user_id=actor.bigdata_user_id, gone_at=None)
    connectors = list(own.exclude(type="email").order_by("label"))
    done = _bulk(organization, actor, connectors, ["succeeded", "succeeded", "failed", "succeeded"])
    Bulk.objects.filter(pk=done.pk).update(finished_at=timezone.now() - timedelta(hours=1))
    running = _bulk(organization, actor, connectors, ["succeeded", "unknown", "pending", "pending"])
    return {"bulk-done": {"bulk_id": str(done.pk)}, "bulk-running": {"bulk_id": str(running.pk)}}


def _bulk(organization: Organization, actor: Member, connectors: list[Connector], outcomes: list[str]) -> Bulk:
    bulk = Bulk.objects.create(
        organization=organization, actor=actor, action="sync", created_at=timezone.now() - timedelta(hours=2)
    )
    for connector, outcome in zip(connectors, outcomes, strict=False):
        BulkItem.objects.create(
            bulk=bulk,
            connector=connector,
            outcome=outcome,
            message=_REFUSED if outcome == "failed" else "",
            finished_at=None if outcome == "pending" else timezone.now(),
        )
    return bulk
