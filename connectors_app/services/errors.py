"""What fails now, by cause: the error groups of the connectors that a member may see."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Max, Min, Q, TextField, Window
from django.db.models.functions import Cast, TruncDate
from django.utils import timezone

from connectors_app.choices import AuditAction, Cause, State
from connectors_app.models import ErrorGroup, Member, SyncRun
from connectors_app.models.connector import ConnectorQuerySet
from connectors_app.models.error_group import without_placeholders
from connectors_app.services import audit

TREND_DAYS = 14


@dataclass(frozen=True, slots=True)
class GroupInUse:
    """A group as it shows in some connectors: how many fail with it now, since when, and when last.

    `message`: in full where one connector has it, otherwise what the messages share. `trend`: failed syncs on each
    of the last days, oldest first.
    """

    group: ErrorGroup
    message: str
    connectors: int
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
    counted = used.annotate(
        count=Count("pk"), since=Min("failing_since"), latest=Max("last_sync_at"), error=Min("last_sync_error_msg")
    )
    rows = {row["error_group"]: row for row in counted}
    groups = ErrorGroup.objects.select_related("snoozed_by").in_bulk(rows)
    trends = _trends(connectors, rows, today=now.astimezone(UTC).date())
    found = [
        GroupInUse(
            group=groups[pk],
            message=_shown(groups[pk].message, row["error"], row["count"]),
            connectors=row["count"],
            since=row["since"],
            latest=row["latest"],
            trend=trends[pk],
        )
        for pk, row in rows.items()
    ]
    return sorted(found, key=lambda each: (-each.connectors, -each.group.last_seen_at.timestamp()))


@dataclass(frozen=True, slots=True)
class WorstError:
    """What of the failing connectors most fail with. `connector_id` and `label`: where it is one, that one's."""

    group_id: UUID
    cause: Cause
    message: str
    connectors: int
    since: datetime | None
    connector_id: UUID | None
    label: str


def worst(connectors: ConnectorQuerySet, *, now: datetime, at_most: int) -> list[WorstError]:
    """The errors that most of the connectors fail with now, but for the snoozed ones. One query."""
    awake = Q(error_group__snoozed_until=None) | Q(error_group__snoozed_until__lte=now)
    used = failing(connectors).filter(awake, error_group__isnull=False).order_by()
    rows = used.values("error_group", "error_group__cause", "error_group__message").annotate(
        count=Count("pk"),
        since=Min("failing_since"),
        # Of one connector these are its own; of several they say nothing.
        error=Min("last_sync_error_msg"),
        name=Min("label"),
        id_text=Min(Cast("connector_id", TextField())),
    )
    return [_worst_error(row) for row in rows.order_by("-count", "-since")[:at_most]]


def _worst_error(row: Mapping[str, Any]) -> WorstError:
    is_one = row["count"] == 1
    return WorstError(
        group_id=row["error_group"],
        cause=Cause(row["error_group__cause"]),
        message=_shown(row["error_group__message"], row["error"], row["count"]),
        connectors=row["count"],
        since=row["since"],
        connector_id=UUID(row["id_text"]) if is_one else None,
        label=row["name"] if is_one else "",
    )


def _shown(pattern: str, error: str, connectors: int) -> str:
    return error if connectors == 1 and error.strip() else without_placeholders(pattern)


def count_snoozed(connectors: ConnectorQuerySet, *, now: datetime) -> int:
    """How many errors that some of the connectors fail with now are snoozed. One query."""
    snoozed = failing(connectors).filter(error_group__snoozed_until__gt=now).order_by()
    return snoozed.values("error_group").distinct().count()


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
