"""A worker that dies in the middle: the next one goes on, and nothing is sent twice."""

from datetime import timedelta

import pytest
from django.utils import timezone

from connectors_app import tasks
from connectors_app.choices import OperationKind, Outcome
from connectors_app.models import Bulk, BulkItem, Operation
from connectors_app.permissions import may_change
from connectors_app.services import bulk, bulk_work, operations
from tests.bulk.conftest import begin_syncs, calls, progress, time_passes, turn, work_off


@pytest.fixture
def work(alice, with_key, have):
    alice = with_key(alice)
    return begin_syncs(alice, have(alice, 5))


def begin_operation(item: BulkItem) -> Operation:
    """What a worker that dies before the answer leaves behind."""
    actor = item.bulk.actor
    operation, _ = operations.begin(
        operation_id=item.pk,
        actor=actor,
        key_owner=actor,
        kind=OperationKind.SYNC,
        connector_type=item.connector.type,
        request={"date_limit": "2026-01-01"},
        connector=item.connector,
    )
    return operation


def die_at(number: int):
    seen: list[int] = []

    def check(*arguments):
        seen.append(len(seen))
        if len(seen) == number:
            raise KeyboardInterrupt
        return may_change(*arguments)

    return check


def test_the_next_worker_goes_on_when_the_lease_has_run_out(work, sandbox):
    with pytest.raises(KeyboardInterrupt):
        bulk_work.take_turn(work.organization_id, may_change=die_at(3))
    assert turn(work) > 60
    assert calls(sandbox) == {"triggerSync": 2}
    time_passes()
    assert work_off(work) == bulk.Progress(succeeded=5)
    assert calls(sandbox) == {"triggerSync": 5}


def test_what_may_have_been_sent_is_not_sent_again_but_checked(work, sandbox):
    operation = begin_operation(work.items.order_by("pk").first())
    assert work_off(work) == bulk.Progress(succeeded=4, checking=1)
    assert calls(sandbox) == {"triggerSync": 4}
    operations.finish(operation, Outcome.FAILED, "No sign of it.")
    bulk.settle_checked()
    assert progress(work) == bulk.Progress(succeeded=4, failed=1)
    assert work.items.get(outcome=Outcome.FAILED).message == "No sign of it."


@pytest.mark.parametrize("outcome", [Outcome.SUCCEEDED, Outcome.FAILED])
def test_what_was_answered_but_not_noted_is_taken_over(work, sandbox, outcome):
    operations.finish(begin_operation(work.items.order_by("pk").first()), outcome, "As it was.")
    work_off(work)
    assert work.items.get(message="As it was.").outcome == outcome
    assert calls(sandbox) == {"triggerSync": 4}


def test_a_worker_whose_lease_ran_out_stops(work, sandbox):
    def lose_lease(*arguments):
        Bulk.objects.update(lease_until=timezone.now() + timedelta(minutes=9))
        return may_change(*arguments)

    assert bulk_work.take_turn(work.organization_id, may_change=lose_lease) > 400
    assert calls(sandbox) == {"triggerSync": 1}


def test_a_tick_goes_on_with_what_the_queue_lost(work, sandbox):
    Bulk.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    tasks.look_after_bulks()
    assert progress(work).is_over
    assert calls(sandbox) == {"triggerSync": 5}


def test_a_tick_leaves_alone_what_is_at_work(work, sandbox):
    turn(work, limit=1)
    now = timezone.now()
    Bulk.objects.update(created_at=now - timedelta(minutes=1))
    assert bulk_work.waiting_since(now - timedelta(seconds=30)) == []
    tasks.look_after_bulks()
    assert calls(sandbox) == {"triggerSync": 1}
    assert bulk_work.waiting_since(now + timedelta(minutes=1)) == [work.organization_id]
