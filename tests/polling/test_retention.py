"""Old sync runs become daily sums."""

from datetime import date, timedelta

import pytest
from django.core.management import call_command

from connectors_app.models import SyncDay, SyncRun
from connectors_app.services import retention, snapshots
from tests.connectors.stage import make_run
from tests.polling.conftest import NOON, at, connector_data


@pytest.fixture
def connector(alice, make_key):
    data = connector_data(last_sync_at=None, last_sync_status=None)
    [connector] = snapshots.take_list(make_key(alice), [data], asked_at=at(0))
    return connector


def ran(connector, days, hour, **fields):
    make_run(connector, at=NOON - timedelta(days=days) + timedelta(hours=hour), **fields)


def sums():
    return list(SyncDay.objects.order_by("day").values_list("day", "succeeded", "failed", "items", "files_count"))


def test_runs_older_than_the_limit_become_sums_of_their_day(connector):
    ran(connector, 100, 0, count=5, files_count=10)
    ran(connector, 100, 1, status="FAILED", count=0)
    ran(connector, 100, 2, count=7, files_count=17)
    ran(connector, 95, 0, count=1, files_count=18)
    ran(connector, 10, 0, count=1)
    assert retention.sum_up_old_runs(now=NOON, days=90) == 4
    assert sums() == [(date(2025, 11, 21), 2, 1, 12, 17), (date(2025, 11, 26), 1, 0, 1, 18)]
    assert SyncRun.objects.count() == 1


def test_the_order_of_batches_does_not_matter(connector, monkeypatch):
    monkeypatch.setattr(retention, "_BATCH", 2)
    for hour in range(5):
        ran(connector, 100, hour, count=1)
    assert retention.sum_up_old_runs(now=NOON, days=90) == 5
    assert sums() == [(date(2025, 11, 21), 5, 0, 5, None)]


def test_what_turns_up_late_is_added(connector):
    ran(connector, 100, 0, count=1)
    retention.sum_up_old_runs(now=NOON, days=90)
    ran(connector, 100, 1, count=2)
    retention.sum_up_old_runs(now=NOON, days=90)
    assert sums() == [(date(2025, 11, 21), 2, 0, 3, None)]


def test_the_command_takes_the_setting_or_what_it_is_told(connector, settings, capsys):
    settings.HISTORY_DAYS = 100_000
    ran(connector, 10, 0)
    call_command("prune_history")
    call_command("prune_history", older_than=5)
    assert (
        capsys.readouterr().out
        == "Summed up 0 sync runs, deleted 0 messages.\nSummed up 1 sync runs, deleted 0 messages.\n"
    )
