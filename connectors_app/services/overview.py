"""The organization at a glance: connectors by state, syncs by outcome over time, and what came in."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import Count, F, Subquery, Sum
from django.db.models.functions import TruncDate, TruncHour

from connectors_app.choices import State
from connectors_app.models import SyncDay, SyncRun
from connectors_app.models.connector import ConnectorQuerySet


@dataclass(frozen=True, slots=True)
class Period:
    days: int
    words: str


PERIODS = {"24h": Period(1, "24 hours"), "7d": Period(7, "7 days"), "30d": Period(30, "30 days")}
DEFAULT_PERIOD = "7d"


@dataclass(frozen=True, slots=True)
class Slot:
    """An hour or a day (UTC): syncs that went well and that failed, and how many items came in."""

    at: datetime
    succeeded: int = 0
    failed: int = 0
    items: int = 0


def count_states(connectors: ConnectorQuerySet) -> dict[str, int]:
    """How many connectors are in each state there is, without those that were deleted here. One query."""
    # Deleted ones are Gone. They are counted apart, so that each of the counts has its index.
    gone = connectors.filter(state=State.GONE, deletion_asked_at__isnull=False).order_by()
    deleted = Subquery(gone.values("organization").annotate(count=Count("pk")).values("count"))
    rows = connectors.order_by().values("state").annotate(count=Count("pk")).annotate(deleted=deleted)
    counts = {row["state"]: row["count"] for row in rows}
    if State.GONE in counts:
        counts[State.GONE] -= rows[0]["deleted"] or 0
    return counts


def syncs_over_time(connectors: ConnectorQuerySet, *, period: str, now: datetime) -> list[Slot]:
    """The syncs of these connectors by hour (24h) or by day, oldest first, with slots in which there were none.

    Two queries at most.
    """
    days = PERIODS[period].days
    hourly = days == 1
    slots = _slots(now, days, hourly=hourly)
    counts = {at: {"succeeded": 0, "failed": 0, "items": 0} for at in slots}
    for at, failed, count, items in _runs(connectors, slots[0], hourly=hourly):
        _add(counts, at, **({"failed": count} if failed else {"succeeded": count, "items": items or 0}))
    if not hourly:
        for day, succeeded, failed, items in _days(connectors, slots[0].date()):
            _add(counts, _midnight(day), failed=failed, succeeded=succeeded, items=items)
    return [Slot(at, **numbers) for at, numbers in counts.items()]


def _slots(now: datetime, days: int, *, hourly: bool) -> list[datetime]:
    now = now.astimezone(UTC)
    if hourly:
        this_hour = now.replace(minute=0, second=0, microsecond=0)
        return [this_hour - timedelta(hours=back) for back in reversed(range(24))]
    return [_midnight(now.date()) - timedelta(days=back) for back in reversed(range(days))]


def _runs(connectors: ConnectorQuerySet, since: datetime, *, hourly: bool) -> Any:
    slot = TruncHour("at", tzinfo=UTC) if hourly else TruncDate("at", tzinfo=UTC)
    runs = SyncRun.objects.filter(at__gte=since, connector__in=connectors)
    grouped = runs.order_by().annotate(slot=slot).values("slot", "failed")
    return grouped.annotate(runs=Count("pk"), items=Sum("count")).values_list("slot", "failed", "runs", "items")


def _days(connectors: ConnectorQuerySet, since: date) -> Any:
    summed = SyncDay.objects.filter(day__gte=since, connector__in=connectors).order_by().values("day")
    sums = summed.annotate(good=Sum("succeeded"), bad=Sum("failed"), taken=Sum("items"))
    return sums.values_list("day", F("good"), F("bad"), F("taken"))


def _add(counts: dict[datetime, dict[str, int]], at: date | datetime, **numbers: int) -> None:
    moment = at if isinstance(at, datetime) else _midnight(at)
    slot = counts.get(moment)
    if slot is not None:
        for name, number in numbers.items():
            slot[name] += number


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
