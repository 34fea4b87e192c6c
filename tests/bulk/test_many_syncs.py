"""Two hundred syncs of which every tenth fails: the rest is done, the failed are explained and can be retried."""

from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from connectors_app.choices import Outcome
from connectors_app.models import Operation
from connectors_app.services import bulk, polling
from connectors_app.services.lost_changes import settle_lost_changes
from tests.bulk.conftest import begin_syncs, calls, messages_of, progress, work_off


def synced(sandbox):
    """How often each connector's sync was asked for."""
    return Counter(r["path"] for r in sandbox.requests if r["operation"] == "triggerSync")


@pytest.fixture
def alice(alice, with_key):
    return with_key(alice)


def test_one_hundred_and_eighty_are_done_and_twenty_explained(alice, have, sandbox):
    sandbox.fault("triggerSync", "404", times=20)
    work = begin_syncs(alice, have(alice, 200))
    assert work_off(work) == bulk.Progress(succeeded=180, failed=20)
    assert {"shows no such connector" in message for message in messages_of(work)} == {True, False}
    assert not work.items.filter(outcome=Outcome.FAILED, message="").exists()
    work.refresh_from_db()
    assert work.finished_at is not None


def test_a_retry_sends_the_failed_ones_and_no_other(alice, have, sandbox):
    sandbox.fault("triggerSync", "404", times=4)
    work = begin_syncs(alice, have(alice, 40))
    work_off(work)
    failed = work.items.filter(outcome=Outcome.FAILED)
    paths = {f"/contents/v1/connectors/{item.connector.connector_id}/sync" for item in failed}
    sandbox.clear_requests()
    assert bulk.retry(work, failed.values_list("pk", flat=True)) == 4
    assert work_off(work) == bulk.Progress(succeeded=40)
    assert synced(sandbox) == dict.fromkeys(paths, 1)


def test_a_lost_answer_is_not_sent_again_but_settled_by_what_the_connector_shows(alice, have, sandbox):
    """A 500 leaves open whether a sync was queued: here some show a result, the others none in time."""
    sandbox.fault("triggerSync", "500", times=4)
    work = begin_syncs(alice, have(alice, 40))
    assert work_off(work) == bulk.Progress(succeeded=36, checking=4)
    assert set(synced(sandbox).values()) == {1}

    lost = list(work.items.filter(outcome=Outcome.UNKNOWN).select_related("connector"))
    sandbox.advance(60)
    for item in lost[:2]:
        sandbox.sync_result(str(item.connector.connector_id), now=True)
    polling.poll(alice.api_key.pk)
    bulk.settle_checked()
    assert progress(work) == bulk.Progress(succeeded=38, checking=2)

    Operation.objects.filter(outcome=Outcome.UNKNOWN).update(created_at=timezone.now() - timedelta(minutes=16))
    settle_lost_changes([item.connector for item in lost[2:]], asked_at=timezone.now())
    bulk.settle_checked()
    assert progress(work) == bulk.Progress(succeeded=38, failed=2)
    work.refresh_from_db()
    assert work.finished_at is not None
    assert calls(sandbox)["triggerSync"] == 40
