"""Old sync runs become daily sums: history stays, its detail does not grow for ever."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.db import transaction

from connectors_app.models import SyncDay, SyncRun

_BATCH = 2000
_SUMS = ("succeeded", "failed", "items", "files_count")


def sum_up_old_runs(*, now: datetime, days: int | None = None) -> int:
    """Turn the runs older than so many days (by default HISTORY_DAYS) into sums. Returns how many there were.

    May be stopped at any time and run again: each batch is summed and deleted in one transaction.
    """
    older_than = now - timedelta(days=settings.HISTORY_DAYS if days is None else days)
    summed = 0
    while count := _sum_up_some(older_than):
        summed += count
    return summed


def _sum_up_some(older_than: datetime) -> int:
    with transaction.atomic():
        oldest = SyncRun.objects.select_for_update().filter(at__lt=older_than).order_by("at")
        runs = list(oldest[:_BATCH])
        days = _summed_before(runs)
        for run in runs:
            key = (run.connector_id, _day(run))
            if key not in days:
                days[key] = SyncDay(
                    connector_id=run.connector_id, organization_id=run.organization_id, day=_day(run)
                )
            _add(days[key], run)
        SyncDay.objects.bulk_create(
            days.values(), update_conflicts=True, unique_fields=["connector", "day"], update_fields=_SUMS
        )
        SyncRun.objects.filter(pk__in=[run.pk for run in runs]).delete()
    return len(runs)


def _summed_before(runs: Iterable[SyncRun]) -> dict[tuple[int, date], SyncDay]:
    """The sums of these runs' days that are there already."""
    connectors, days = {run.connector_id for run in runs}, {_day(run) for run in runs}
    found = SyncDay.objects.filter(connector__in=connectors, day__in=days)
    wanted = {(run.connector_id, _day(run)) for run in runs}
    return {(each.connector_id, each.day): each for each in found if (each.connector_id, each.day) in wanted}


def _add(day: SyncDay, run: SyncRun) -> None:
    """Runs come in order of time: the last one's number of files is the day's."""
    if run.failed:
        day.failed += 1
    else:
        day.succeeded += 1
        day.items += run.count or 0
    day.files_count = day.files_count if run.files_count is None else run.files_count


def _day(run: SyncRun) -> date:
    return run.at.astimezone(UTC).date()
