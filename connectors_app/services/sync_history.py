"""A connector's syncs for its history page: each of the latest, and the number of files over time."""

from datetime import UTC, date, datetime, timedelta

from django.db.models import Max
from django.db.models.functions import TruncDate

from connectors_app.models import Connector, SyncDay, SyncRun

RUNS = 60
FILES_DAYS = 90


def latest_runs(connector: Connector) -> list[SyncRun]:
    """The latest syncs, newest first."""
    return list(SyncRun.objects.filter(connector=connector).order_by("-at")[:RUNS])


def files_by_day(connector: Connector, *, now: datetime) -> list[tuple[date, int]]:
    """How many files it had at the end of each day (UTC) on which that was seen, oldest first."""
    first = now.astimezone(UTC).date() - timedelta(days=FILES_DAYS)
    sums = SyncDay.objects.filter(connector=connector, day__gte=first, files_count__isnull=False)
    beginning = datetime(first.year, first.month, first.day, tzinfo=UTC)
    runs = SyncRun.objects.filter(connector=connector, at__gte=beginning, files_count__isnull=False).order_by()
    by_day = runs.values_list(TruncDate("at", tzinfo=UTC)).annotate(files=Max("files_count"))
    found = dict(sums.values_list("day", "files_count").union(by_day))
    return sorted((day, files) for day, files in found.items() if files is not None)
