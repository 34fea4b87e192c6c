"""Doing bulk work: a few connectors at a time, one after the other, at a pace that leaves room for people.

An organization's bulks take turns. Whose turn it is holds the lease, and after the turn keeps it until the calls
it made have lasted long enough (`bulk_pace`): so the pace, too, stands in the database and holds for all workers.
A worker that dies leaves a lease that runs out. An item's operation has the item's id: nothing is sent twice.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone

from connectors_app.choices import BulkAction, Outcome
from connectors_app.models import Bulk, BulkItem, Organization
from connectors_app.services.bulk import end_item, finish_if_over, put_back
from connectors_app.services.bulk_items import CALLS_EACH, Done, MayChange, carry_out
from connectors_app.services.bulk_pace import calls_a_minute, items_a_turn, seconds_for


@dataclass(slots=True)
class _Turn:
    """The bulk whose turn it is, and what the turn has cost so far."""

    bulk: Bulk
    began_at: datetime
    per_minute: float
    calls: int = 0
    pause: float = 0.0

    def over_at(self, now: datetime) -> datetime:
        """When its calls have lasted as long as the pace asks for, and Bigdata.com lets go on."""
        paid = self.began_at + timedelta(seconds=seconds_for(self.calls, self.per_minute))
        return max(paid, now + timedelta(seconds=self.pause))


def take_turn(organization_id: int, *, may_change: MayChange, limit: int | None = None) -> float | None:
    """Do some items (at most `limit`) of the bulk whose turn it is, unless another worker is at it.

    Returns the seconds until there is something to do again; None when nothing is left.
    """
    turn = _claim(organization_id, now=timezone.now())
    if turn is not None:
        _do_some(turn, may_change=may_change, limit=limit)
        _give_back(turn)
    return _seconds_to_next_turn(organization_id, now=timezone.now())


def waiting_since(moment: datetime) -> list[int]:
    """Organizations with items left that nobody was at since then: a worker died, or the queue lost a task."""
    unattended = _with_items_left(Bulk.objects.filter(created_at__lt=moment))
    attended = Bulk.objects.filter(organization=OuterRef("organization"), lease_until__gte=moment)
    unattended = unattended.exclude(Exists(attended))
    return list(unattended.order_by().values_list("organization", flat=True).distinct())


def _with_items_left(bulks: QuerySet[Bulk]) -> QuerySet[Bulk]:
    left = BulkItem.objects.filter(bulk=OuterRef("pk"), outcome=Outcome.PENDING)
    return bulks.filter(Exists(left), finished_at__isnull=True)


def _claim(organization_id: int, *, now: datetime) -> _Turn | None:
    """Take the lease of the bulk that waited longest. While it is held, no other of the organization gets one."""
    with transaction.atomic():
        organization = Organization.objects.select_for_update(no_key=True).filter(pk=organization_id).first()
        bulks = Bulk.objects.filter(organization=organization)
        if organization is None or bulks.filter(lease_until__gt=now).exists():
            return None
        waiting = _with_items_left(bulks).select_related("actor__organization", "actor__api_key")
        bulk = waiting.order_by(F("lease_until").asc(nulls_first=True), "created_at").first()
        if bulk is None:
            return None
        turn = _Turn(bulk, now, per_minute=calls_a_minute(_organizations_at_work()))
        bulk.lease_until = now + _longest_item()
        bulk.save(update_fields=["lease_until"])
    return turn


def _organizations_at_work() -> int:
    return _with_items_left(Bulk.objects.all()).order_by().values("organization").distinct().count()


def _longest_item() -> timedelta:
    """Waiting for a free slot may take as long again as a call itself."""
    return timedelta(seconds=max(CALLS_EACH.values()) * (2 * settings.BIGDATA_TOTAL_TIMEOUT + 10))


def _do_some(turn: _Turn, *, may_change: MayChange, limit: int | None) -> None:
    bulk = turn.bulk
    most = items_a_turn(CALLS_EACH[BulkAction(bulk.action)], turn.per_minute)
    items = bulk.items.filter(outcome=Outcome.PENDING).select_related("connector").order_by("pk")
    for item in items[: min(most, limit or most)]:
        if not _keep_lease(bulk):
            return
        done = carry_out(item, bulk, may_change=may_change)
        _note(item, done)
        turn.calls += done.calls
        turn.pause = done.pause
        if done.pause:
            return


def _keep_lease(bulk: Bulk) -> bool:
    """Hold it for one more item, unless it ran out and another worker has it now."""
    held = Bulk.objects.filter(pk=bulk.pk, lease_until=bulk.lease_until)
    bulk.lease_until = timezone.now() + _longest_item()
    return held.update(lease_until=bulk.lease_until) == 1


def _note(item: BulkItem, done: Done) -> None:
    if done.outcome == Outcome.PENDING:
        put_back(item.pk)
    else:
        end_item(item.pk, done.outcome, done.message, done.operation.pk if done.operation else None)


def _give_back(turn: _Turn) -> None:
    bulk = turn.bulk
    Bulk.objects.filter(pk=bulk.pk, lease_until=bulk.lease_until).update(lease_until=turn.over_at(timezone.now()))
    finish_if_over(bulk.pk)


def _seconds_to_next_turn(organization_id: int, *, now: datetime) -> float | None:
    bulks = Bulk.objects.filter(organization=organization_id)
    if not _with_items_left(bulks).exists():
        return None
    leases = bulks.filter(lease_until__gt=now).values_list("lease_until", flat=True)
    return max(((lease - now).total_seconds() for lease in leases if lease is not None), default=0.0)
