"""Keeping what was seen: syncs, and changes made outside the dashboard."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.db.models import Count, Min, Subquery
from django.db.models.functions import Coalesce

from connectors_app.choices import Outcome
from connectors_app.models import Connector, Operation, OutsideChange, SyncRun
from connectors_app.services.error_groups import assign_groups

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_TOLD_OF_A_SYNC = ("last_sync_at", "last_sync_status", "last_sync_error_msg", "last_sync_count")
WATCHED_FIELDS = ("label", "description", "share_with_org", "archived", "allowed_emails")


def watched_values(connector: Connector) -> dict[str, Any]:
    return {name: getattr(connector, name) for name in WATCHED_FIELDS}


def told_of_the_last_sync(connector: Connector) -> tuple[Any, ...]:
    return tuple(getattr(connector, name) for name in _TOLD_OF_A_SYNC)


def new_sync_runs(synced: Iterable[Connector], *, seen_at: datetime) -> list[SyncRun]:
    """What is told anew of the connectors' last syncs, noted with each connector; `save_sync_runs` stores it.

    Sets `failing_since`, `failures_in_a_row` and `error_group`; saving the connectors is the caller's.
    """
    runs = []
    for each in synced:
        # Where no last sync is told (any more), what an earlier one set must not stay.
        each.failing_since, each.failures_in_a_row, each.error_group = None, 0, None
        if each.last_sync_at is not None:
            runs.append(_run_of(each, each.last_sync_at, seen_at))
    assign_groups(runs)
    for run in runs:
        _note_streak(run)
    return runs


def save_sync_runs(runs: Iterable[SyncRun]) -> None:
    """One run per `last_sync_at`; of one that is known already, what upstream says of it now."""
    told = ["status", "error", "count", "files_count", "failed", "error_group"]
    SyncRun.objects.bulk_create(
        runs, update_conflicts=True, unique_fields=["connector", "at"], update_fields=told, batch_size=500
    )


def _run_of(connector: Connector, at: datetime, seen_at: datetime) -> SyncRun:
    return SyncRun(
        connector=connector,
        organization_id=connector.organization_id,
        at=at,
        status=connector.last_sync_status,
        error=connector.last_sync_error_msg,
        count=connector.last_sync_count,
        files_count=connector.files_count,
        failed=connector.last_sync_failed,
        seen_at=seen_at,
    )


def _note_streak(run: SyncRun) -> None:
    """How many of the last syncs failed, and since when: up to the one that upstream tells now."""
    connector = run.connector
    if not run.failed:
        return
    connector.error_group = run.error_group
    before = SyncRun.objects.filter(connector=connector.pk, at__lt=run.at)
    last_good = before.filter(failed=False).order_by("-at").values("at")[:1]
    failed = before.filter(failed=True, at__gt=Coalesce(Subquery(last_good), _LONG_AGO))
    earlier = failed.aggregate(count=Count("pk"), since=Min("at"))
    connector.failures_in_a_row = earlier["count"] + 1
    connector.failing_since = earlier["since"] or run.at


def note_outside_changes(
    before: Mapping[int, Mapping[str, Any]], after: Iterable[Connector], *, seen_at: datetime
) -> None:
    """What changed though nobody asked for it here (`before`: watched values by primary key)."""
    changes = [
        OutsideChange(connector=connector, field=name, before=was, after=now, seen_at=seen_at)
        for connector in after
        for name, was in before[connector.pk].items()
        if (now := getattr(connector, name)) != was
    ]
    ours = _being_changed(change.connector_id for change in changes)
    OutsideChange.objects.bulk_create((c for c in changes if c.connector_id not in ours), batch_size=500)


def _being_changed(connector_ids: Iterable[int]) -> set[int]:
    """Connectors with a change of ours whose answer has not come: what we see may be that very change."""
    ids = set(connector_ids)
    if not ids:
        return set()
    open_operations = Operation.objects.filter(connector__in=ids, outcome__in=[Outcome.PENDING, Outcome.UNKNOWN])
    return {pk for pk in open_operations.values_list("connector_id", flat=True) if pk is not None}
