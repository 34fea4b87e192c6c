"""Days and hours of charts and sums are UTC's: none has 23 or 25 hours, whatever the viewer's clocks do.

How moments are told in the viewer's zone: tests/pages/test_ui_tags.py. By whose midnight quiet hours and digests
go: tests/alerts/test_routing.py. A clock that is set: tests/abuse/test_30_clocks_and_leases.py.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from connectors_app.models import Connector, SyncDay, SyncRun
from connectors_app.services import snapshots
from connectors_app.services.overview import syncs_over_time
from connectors_app.services.retention import sum_up_old_runs
from connectors_app.services.sync_history import files_by_day
from tests.connectors.stage import make_run
from tests.polling.conftest import connector_data, make_key

__all__ = ["make_key"]
# The days of 23 and of 25 hours of each.
SWITCHES = [
    ("Europe/Berlin", datetime(2026, 3, 29, tzinfo=UTC)),
    ("Europe/Berlin", datetime(2026, 10, 25, tzinfo=UTC)),
    ("America/Los_Angeles", datetime(2026, 3, 8, tzinfo=UTC)),
    ("America/Los_Angeles", datetime(2026, 11, 1, tzinfo=UTC)),
    ("Pacific/Auckland", datetime(2026, 4, 4, tzinfo=UTC)),
    ("Pacific/Auckland", datetime(2026, 9, 26, tzinfo=UTC)),
]


@pytest.fixture(params=SWITCHES, ids=lambda switch: f"{switch[0]}-{switch[1]:%b}")
def day(request):
    """The day of the switch, seen by somebody who lives with it."""
    zone, day = request.param
    with timezone.override(ZoneInfo(zone)):
        yield day


@pytest.fixture
def connector(alice, make_key, day):
    """It syncs at half past every hour from the day before the switch to the day after; each brings one item."""
    snapshots.take_list(make_key(alice), [connector_data(last_sync_at=None)], asked_at=day)
    connector = Connector.objects.get()
    for hour in range(-24, 48):
        make_run(connector, at=day + timedelta(hours=hour, minutes=30), count=1, files_count=100 + hour)
    return connector


def by_period(period, now):
    slots = syncs_over_time(Connector.objects.all(), period=period, now=timezone.localtime(now))
    return [(slot.at, slot.succeeded, slot.items) for slot in slots]


def test_each_hour_is_there_once_with_its_own(connector, day):
    drawn = by_period("24h", day + timedelta(hours=23, minutes=59))
    assert drawn == [(day + timedelta(hours=hour), 1, 1) for hour in range(24)]


def test_each_day_has_twenty_four_hours(connector, day):
    drawn = by_period("7d", day + timedelta(hours=47, minutes=59))
    days = [day + timedelta(days=number) for number in range(-5, 2)]
    assert drawn == [(each, *(2 * [24 if each >= day - timedelta(days=1) else 0])) for each in days]


def test_sums_are_of_the_same_days(connector, day):
    before = by_period("7d", day + timedelta(hours=47, minutes=59))
    files = files_by_day(connector, now=day + timedelta(days=2))
    sum_up_old_runs(now=day + timedelta(days=2), days=0)
    assert not SyncRun.objects.exists()
    assert list(SyncDay.objects.order_by("day").values_list("succeeded", flat=True)) == [24, 24, 24]
    assert by_period("7d", day + timedelta(hours=47, minutes=59)) == before
    assert files_by_day(connector, now=day + timedelta(days=2)) == files


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12"])
def test_where_it_is_already_tomorrow_or_still_yesterday_the_day_is_the_same(connector, day, zone):
    with timezone.override(ZoneInfo(zone)):
        drawn = by_period("7d", day + timedelta(hours=23))
    assert drawn[-1] == (day, 24, 24)
