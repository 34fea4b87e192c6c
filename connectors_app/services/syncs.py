"""Which syncs went well, and from which day on the next one should look."""

from datetime import date, datetime, timedelta

from django.db.models import Max
from django.utils import timezone

from connectors_app.models import Connector

_WITHOUT_A_GOOD_SYNC = timedelta(days=30)


def last_good_sync(connector: Connector) -> datetime | None:
    """When a sync last succeeded: the last one, else the newest good one that was seen before it."""
    if connector.last_sync_at is not None and not connector.last_sync_failed:
        return connector.last_sync_at
    good: datetime | None = connector.sync_runs.filter(status__iexact="SUCCESS").aggregate(at=Max("at"))["at"]
    return good


def default_date_limit(connector: Connector, *, today: date) -> date:
    """The day of the last good sync, in the current time zone; without one, 30 days before `today`."""
    good = last_good_sync(connector)
    day = today - _WITHOUT_A_GOOD_SYNC if good is None else timezone.localdate(good)
    # Upstream's clock may be ahead of ours.
    return min(day, today)
