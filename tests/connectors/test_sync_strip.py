"""The latest syncs as a strip and a table, and the files over time."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from connectors_app.models import Connector, SyncDay
from connectors_app.services.sync_history import RUNS, files_by_day, latest_runs
from tests.connectors.stage import make_run, text_of

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def connector(desk, sandbox, alice_with_key):
    from connectors_app.services.polling import poll

    sandbox.plant(type="sharepoint", config={}, last_sync_at=None)
    poll(alice_with_key.api_key.pk)
    return Connector.objects.get()


def history(desk, connector):
    return desk.get(f"/connectors/{connector.connector_id}/history/")


def test_each_sync_is_a_bar_with_its_text_newest_right(desk, connector):
    make_run(connector, at=NOON, count=10)
    make_run(connector, at=NOON + timedelta(hours=1), status="FAILED", error="Broken", count=0)
    html = history(desk, connector).content.decode()
    bars = re.findall(r'<rect class="strip-(\w+)"[^>]*>\s*<title>([^<]*)</title>', html)
    assert [tone for tone, _ in bars] == ["success", "danger"]
    assert "12:00:00 UTC: succeeded, 10 items" in bars[0][1]
    assert "13:00:00 UTC: failed, 0 items" in bars[1][1]
    assert 'aria-label="The last 2 syncs, 1 of which failed"' in html


def test_one_is_not_called_the_last_of_many(desk, connector):
    make_run(connector, at=NOON, count=10)
    page = history(desk, connector)
    assert "The one that the dashboard saw so far." in text_of(page)
    assert "The last 1" not in page.content.decode()


def test_the_table_says_the_same(desk, connector):
    make_run(connector, at=NOON, status="FAILED", error="Broken\nbadly", count=0, files_count=1234)
    text = text_of(history(desk, connector))
    assert "Failed Broken 0 1,234" in text
    assert "1 Mar 12:00 Failed" in text


def test_the_number_of_files_can_be_read_below_its_strip(desk, connector):
    now = timezone.now()
    for days, files in ((3, 1200), (1, 1234)):
        make_run(connector, at=now - timedelta(days=days), files_count=files)
    first, last = now - timedelta(days=3), now - timedelta(days=1)
    words = f"Files from {first.day} {first:%b} to {last.day} {last:%b}: 1,200 to 1,234"
    assert words in text_of(history(desk, connector))


def test_only_the_latest_are_shown(connector):
    for number in range(RUNS + 5):
        make_run(connector, at=NOON + timedelta(hours=number))
    runs = latest_runs(connector)
    assert (len(runs), runs[0].at) == (RUNS, NOON + timedelta(hours=RUNS + 4))


def test_without_syncs_there_is_no_strip(desk, connector):
    assert b'class="strip"' not in history(desk, connector).content


def test_older_pages_of_the_timeline_leave_it_out(desk, connector):
    make_run(connector, at=NOON)
    page = desk.get(f"/connectors/{connector.connector_id}/history/?before=2026-04-01T00:00:00Z")
    assert b'class="strip"' not in page.content


def test_files_over_time_take_sums_and_runs(connector):
    now = timezone.now()
    day = now - timedelta(days=60)
    SyncDay.objects.create(connector=connector, organization=connector.organization, day=day.date(), files_count=5)
    make_run(connector, at=now - timedelta(days=1), files_count=9)
    assert files_by_day(connector, now=now) == [(day.date(), 5), ((now - timedelta(days=1)).date(), 9)]
