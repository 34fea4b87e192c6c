"""Keeping what was seen: syncs, and changes made outside the dashboard."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from connectors_app.choices import Outcome
from connectors_app.models import Connector, Operation, OutsideChange, SyncRun

WATCHED_FIELDS = ("label", "description", "share_with_org", "archived", "allowed_emails")


def watched_values(connector: Connector) -> dict[str, Any]:
    return {name: getattr(connector, name) for name in WATCHED_FIELDS}


def note_sync_runs(connectors: Iterable[Connector], *, seen_at: datetime) -> None:
    """One run per `last_sync_at`: a sync that is known already is not noted twice."""
    runs = [
        SyncRun(
            connector=connector,
            at=connector.last_sync_at,
            status=connector.last_sync_status,
            error=connector.last_sync_error_msg,
            count=connector.last_sync_count,
            files_count=connector.files_count,
            seen_at=seen_at,
        )
        for connector in connectors
        if connector.last_sync_at is not None
    ]
    SyncRun.objects.bulk_create(runs, ignore_conflicts=True, batch_size=500)


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
