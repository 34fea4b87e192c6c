"""What fails now, by cause: the error groups of the connectors that a member may see."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Aggregate, Count, Max, Min, TextField, Window
from django.db.models.functions import Cast, TruncDate
from django.utils import timezone

from connectors_app.choices import AuditAction, Cause, State
from connectors_app.models import ErrorGroup, Member, SyncRun
from connectors_app.models.connector import ConnectorQuerySet
from connectors_app.models.error_group import without_placeholders
from connectors_app.services import audit

TREND_DAYS = 14
# Of one connector these are all its own; of several the error and the id say nothing.
_SAID_OF_A_GROUP: dict[str, Aggregate] = {
    "count": Count("pk"),
    "since": Min("failing_since"),
    "error": Min("last_sync_error_msg"),
    "name": Min("label"),
    "id_text": Min(Cast("connector_id", TextField())),
}


@dataclass(frozen=True, slots=True)
class GroupInUse:
    """A group as it shows in some connectors: how many fail with it now, since when, and when last.

    `message`: in full where one connector has it, otherwise what the messages share. `label` and `connector_id`:
    as of `WorstError`. `trend`: failed syncs on each of the last days, oldest first.
    """

    group: ErrorGroup
    message: str
    connectors: int
    label: str
    connector_id: UUID | None
    since: datetime | None
    latest: datetime | None
    trend: list[int]


def failing(connectors: ConnectorQuerySet) -> ConnectorQuerySet:
    return connectors.filter(state=State.FAILING)


def groups_in_use(connectors: ConnectorQuerySet, *, now: datetime) -> list[GroupInUse]:
    """The groups that some of the connectors fail with now, most connectors first. Three queries.

    Give it what the member may see: nothing else is counted.
    """
    used = failing(connectors).filter(error_group__isnull=False).order_by().values("error_group")
    counted = used.annotate(**_SAID_OF_A_GROUP, latest=Max("last_sync_at"))
    rows: dict[UUID, Mapping[str, Any]] = {row["error_group"]: row for row in counted}
    groups = ErrorGroup.objects.select_related("snoozed_by").in_bulk(rows)
    trends = _trends(connectors, rows, today=now.astimezone(UTC).date())
    found = [
        GroupInUse(
            group=groups[pk],
            message=_shown(groups[pk].message, row["error"], row["count"]),
            connectors=row["count"],
            label=row["name"],
            connector_id=_only_connector(row),
            since=row["since"],
            latest=row["latest"],
            trend=trends[pk],
        )
        for pk, row in rows.items()
    ]
    return sorted(found, key=lambda each: (-each.connectors, -each.group.last_seen_at.timestamp()))


@dataclass(frozen=True, slots=True)
class WorstError:
    """What of the failing connectors most fail with.

    `label` is that of one of them; `connector_id` is there where it is the only one.
    """

    group_id: UUID
    cause: Cause
    message: str
    connectors: int
    since: datetime | None
    connector_id: UUID | None
    label: str


@dataclass(frozen=True, slots=True)
class FailingNow:
    """The errors that most connectors fail with but for the snoozed ones, and how many are snoozed."""

    worst: list[WorstError]
    snoozed: int


def failing_now(connectors: ConnectorQuerySet, *, now: datetime, at_most: int) -> FailingNow:
    """What these connectors fail with now, in short. One query."""
    used = failing(connectors).filter(error_group__isnull=False).order_by()
    group = ("error_group", "error_group__cause", "error_group__message", "error_group__snoozed_until")
    rows = list(used.values(*group).annotate(**_SAID_OF_A_GROUP).order_by("-count", "-since"))
    awake = [row for row in rows if not _is_later(row["error_group__snoozed_until"], now)]
    return FailingNow([_worst_error(row) for row in awake[:at_most]], snoozed=len(rows) - len(awake))


def _is_later(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and moment > now


def _worst_error(row: Mapping[str, Any]) -> WorstError:
    return WorstError(
        group_id=row["error_group"],
        cause=Cause(row["error_group__cause"]),
        message=_shown(row["error_group__message"], row["error"], row["count"]),
        connectors=row["count"],
        since=row["since"],
        connector_id=_only_connector(row),
        label=row["name"],
    )


def _only_connector(row: Mapping[str, Any]) -> UUID | None:
    return UUID(row["id_text"]) if row["count"] == 1 else None


def _shown(pattern: str, error: str, connectors: int) -> str:
    return error if connectors == 1 and error.strip() else without_placeholders(pattern)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What some connectors tell of a group: their latest message as it came, and when it came.

    `connectors`: how many of them fail with it now; `since`: when the first of these began.
    """

    message: str
    latest: datetime | None
    connectors: int = 0
    since: datetime | None = None


def evidence_of(group: ErrorGroup, connectors: ConnectorQuerySet) -> Evidence:
    """Give it what the member may see: a message names the hosts and accounts of its connector."""
    have_it = failing(connectors).filter(error_group=group).order_by("-last_sync_at")
    latest = have_it.values_list(
        "last_sync_error_msg", "last_sync_at", Window(Count("*")), Window(Min("failing_since"))
    ).first()
    if latest:
        return Evidence(*latest)
    runs = SyncRun.objects.filter(error_group=group, connector__in=connectors).order_by("-at")
    return Evidence(*(runs.values_list("error", "at").first() or (without_placeholders(group.message), None)))


def trend_of(group: ErrorGroup, connectors: ConnectorQuerySet, *, now: datetime) -> list[int]:
    """Failed syncs with it on each of the last TREND_DAYS days (UTC), oldest first."""
    return _trends(connectors, [group.pk], today=now.astimezone(UTC).date())[group.pk]


def snooze(group: ErrorGroup, *, by: Member, until: datetime, reason: str) -> None:
    """Keep quiet about the group until then, unless it is quiet already. Its connectors keep their state."""
    if not group.is_snoozed(now=timezone.now()):
        _set_snooze(group, until=until, reason=reason, by=by)


def wake(group: ErrorGroup, *, by: Member) -> None:
    """End the snoozing, if it has not ended."""
    if group.is_snoozed(now=timezone.now()):
        _set_snooze(group, until=None, reason="", by=by)


def _set_snooze(group: ErrorGroup, *, until: datetime | None, reason: str, by: Member) -> None:
    with transaction.atomic():
        group.snoozed_until, group.snooze_reason = until, reason
        group.snoozed_by = by if until else None
        group.save(update_fields=["snoozed_until", "snooze_reason", "snoozed_by"])
        audit.record(
            AuditAction.ERROR_SNOOZED if until else AuditAction.ERROR_WOKEN,
            organization=by.organization,
            actor=by,
            target=group,
            details={"reason": reason, "until": until.isoformat()} if until else {},
        )


def _trends(connectors: ConnectorQuerySet, groups: Iterable[UUID], *, today: date) -> dict[UUID, list[int]]:
    first = today - timedelta(days=TREND_DAYS - 1)
    beginning = datetime(first.year, first.month, first.day, tzinfo=UTC)
    runs = SyncRun.objects.filter(error_group__in=list(groups), at__gte=beginning, connector__in=connectors)
    by_day = runs.order_by().values_list("error_group", TruncDate("at", tzinfo=UTC)).annotate(count=Count("pk"))
    trends = {pk: [0] * TREND_DAYS for pk in groups}
    for pk, day, count in by_day:
        if day <= today:
            trends[pk][(day - first).days] += count
    return trends
