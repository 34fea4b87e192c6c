"""Bulk work: one change asked for many connectors. It is written down whole here, and done by `bulk_work`."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Count, Exists, OuterRef
from django.utils import timezone

from connectors_app.choices import AuditAction, BulkAction, OperationKind, Outcome
from connectors_app.models import Bulk, BulkItem, Connector, Member
from connectors_app.services import audit
from connectors_app.services.actions import why_not

MOST_CONNECTORS = 10_000
_OPEN = (Outcome.PENDING, Outcome.UNKNOWN)
_KINDS = {
    BulkAction.SYNC: OperationKind.SYNC,
    BulkAction.ARCHIVE: OperationKind.ARCHIVE,
    BulkAction.ADD_SENDER: OperationKind.UPDATE,
    BulkAction.REMOVE_SENDER: OperationKind.UPDATE,
}


class ForeignBulk(Exception):
    """The form's id belongs to bulk work of somebody else."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How many connectors of a bulk are how far."""

    left: int = 0
    succeeded: int = 0
    failed: int = 0
    checking: int = 0

    @property
    def total(self) -> int:
        return self.left + self.succeeded + self.failed + self.checking

    @property
    def done(self) -> int:
        """What nothing more will happen to by itself."""
        return self.succeeded + self.failed

    @property
    def open(self) -> int:
        """What is left to send, or sent without an answer yet."""
        return self.left + self.checking

    @property
    def is_over(self) -> bool:
        return self.open == 0


def kind_of(action: str) -> OperationKind:
    """What is asked of each connector."""
    return _KINDS[BulkAction(action)]


def why_left_out(connector: Connector, action: str) -> str:
    """Why the connector, as it is, does not allow it; empty where it does."""
    if kind_of(action) == OperationKind.UPDATE and connector.type != "email":
        return "Only email connectors have allowed senders."
    return why_not(connector, kind_of(action))


def start(
    *,
    bulk_id: UUID,
    actor: Member,
    action: BulkAction,
    parameters: dict[str, Any],
    connectors: Iterable[Connector],
) -> Bulk:
    """Write down what is to be done, once per `bulk_id`: the same form sent twice is one bulk.

    `parameters` holds `date_limit` (ISO) or `sender`. Raises ForeignBulk for somebody else's id.
    """
    with transaction.atomic():
        bulk, is_new = Bulk.objects.get_or_create(
            pk=bulk_id,
            defaults={
                "organization": actor.organization,
                "actor": actor,
                "action": action,
                "parameters": parameters,
            },
        )
        if bulk.actor_id != actor.pk:
            raise ForeignBulk
        if is_new:
            items = (BulkItem(bulk=bulk, connector=connector) for connector in connectors)
            _record(bulk, count=len(BulkItem.objects.bulk_create(items, batch_size=1000)))
    return bulk


def retry(bulk: Bulk, item_ids: Collection[UUID]) -> int:
    """Let these be done again, as far as they failed. Returns how many that are."""
    with transaction.atomic():
        failed = set(bulk.items.filter(outcome=Outcome.FAILED).values_list("pk", flat=True))
        count = sum(put_back(item_id) for item_id in failed.intersection(item_ids))
        if count:
            Bulk.objects.filter(pk=bulk.pk).update(finished_at=None)
            _record(bulk, count=count, again=True)
    return count


def _record(bulk: Bulk, **details: Any) -> None:
    audit.record(
        AuditAction.BULK_ASKED,
        organization=bulk.organization,
        actor=bulk.actor,
        target=bulk,
        target_name=BulkAction(bulk.action).label,
        details={"action": bulk.action, **bulk.parameters, **details},
    )


def put_back(item_id: UUID) -> int:
    """Make it wait to be done anew. With a new id, since that is its operation's: what failed stays on record."""
    return BulkItem.objects.filter(pk=item_id, outcome__in=[Outcome.PENDING, Outcome.FAILED]).update(
        id=uuid4(), outcome=Outcome.PENDING, message="", operation=None, finished_at=None
    )


def progress_of(bulks: Iterable[Bulk]) -> dict[UUID, Progress]:
    """The progress of each, by id."""
    counts: dict[UUID, dict[str, int]] = {bulk.pk: {} for bulk in bulks}
    rows = BulkItem.objects.filter(bulk__in=list(counts)).values_list("bulk", "outcome").annotate(Count("pk"))
    for bulk_id, outcome, count in rows.order_by():
        counts[bulk_id][outcome] = count
    return {bulk_id: _progress(by_outcome) for bulk_id, by_outcome in counts.items()}


def _progress(counts: dict[str, int]) -> Progress:
    return Progress(
        left=counts.get(Outcome.PENDING, 0),
        succeeded=counts.get(Outcome.SUCCEEDED, 0),
        failed=counts.get(Outcome.FAILED, 0),
        checking=counts.get(Outcome.UNKNOWN, 0),
    )


def settle_checked() -> None:
    """Items that waited to know how their operation ended take that over, once it is known."""
    settled = [Outcome.SUCCEEDED, Outcome.FAILED]
    waiting = BulkItem.objects.filter(
        outcome=Outcome.UNKNOWN, bulk__finished_at__isnull=True, operation__outcome__in=settled
    )
    bulks = set()
    rows = waiting.values_list("pk", "bulk", "operation", "operation__outcome", "operation__message")
    for item_id, bulk_id, operation_id, outcome, message in rows:
        end_item(item_id, outcome, message, operation_id)
        bulks.add(bulk_id)
    for bulk_id in bulks:
        finish_if_over(bulk_id)


def end_item(item_id: UUID, outcome: str, message: str, operation_id: UUID | None) -> None:
    """Write down how it went, unless that is written down already."""
    finished_at = None if outcome in _OPEN else timezone.now()
    BulkItem.objects.filter(pk=item_id, outcome__in=_OPEN).update(
        outcome=outcome, message=message, operation=operation_id, finished_at=finished_at
    )


def finish_if_over(bulk_id: UUID) -> None:
    still_open = BulkItem.objects.filter(bulk=OuterRef("pk"), outcome__in=_OPEN)
    over = Bulk.objects.filter(~Exists(still_open), pk=bulk_id, finished_at__isnull=True)
    over.update(finished_at=timezone.now())


def date_limit_of(bulk: Bulk) -> date | None:
    text = bulk.parameters.get("date_limit")
    return date.fromisoformat(text) if text else None
