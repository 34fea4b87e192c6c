"""Upstream trouble in the middle of bulk work."""

import pytest
from django.utils import timezone

from connectors_app.choices import BulkAction, KeyStatus, Outcome, Role
from connectors_app.models import ApiKey, Member
from connectors_app.services import bulk
from tests.bulk.conftest import begin, begin_syncs, calls, messages_of, progress, time_passes, turn, work_off


@pytest.fixture
def alice(alice, with_key):
    return with_key(alice)


def test_too_many_requests_pause_the_work_and_nothing_fails(alice, have, sandbox):
    work = begin_syncs(alice, have(alice, 3))
    sandbox.fault("triggerSync", "429", times=1)
    assert 55 < turn(work) <= 60
    assert progress(work) == bulk.Progress(left=3)
    assert calls(sandbox) == {"triggerSync": 1}
    time_passes()
    assert work_off(work) == bulk.Progress(succeeded=3)
    assert calls(sandbox) == {"triggerSync": 4}


@pytest.mark.parametrize(("retry_after", "least", "most"), [(90, 80, 90), (86_400, 290, 300), (None, 50, 60)])
def test_a_read_that_is_told_to_wait_is_waited_for_but_not_for_ever(
    alice, have, sandbox, retry_after, least, most
):
    work = begin(alice, BulkAction.ADD_SENDER, have(alice, 1, type="email"), sender="new@desk.example")
    sandbox.fault("getConnector", "429", times=0, retry_after=retry_after)
    assert least < turn(work) <= most
    assert progress(work) == bulk.Progress(left=1)


def test_a_rejected_key_fails_the_rest_without_another_call(alice, have, sandbox):
    work = begin_syncs(alice, have(alice, 5))
    turn(work, limit=2)
    time_passes()
    sandbox.fault("triggerSync", "401", times=0)
    assert work_off(work) == bulk.Progress(succeeded=2, failed=3)
    assert calls(sandbox) == {"triggerSync": 3}
    assert "Bigdata.com rejected your API key. Replace it first." in messages_of(work)


def test_one_rejected_key_of_several_fails_only_its_own(alice, bob, adam, with_key, have, sandbox):
    bob, adam = with_key(bob), with_key(adam)
    hers, his = have(alice, 2, share_with_org=True), have(bob, 2, share_with_org=True)
    ApiKey.objects.filter(member=bob).update(status=KeyStatus.REJECTED)
    adam.bigdata_user_id = "user_adam"
    adam.save()
    Member.objects.filter(pk=alice.pk).update(bigdata_user_id="user_alice")
    Member.objects.filter(pk=bob.pk).update(bigdata_user_id="user_bob")
    work = begin_syncs(adam, [*hers, *his])
    assert work_off(work) == bulk.Progress(succeeded=2, failed=2)
    assert set(work.items.filter(outcome=Outcome.FAILED).values_list("connector", flat=True)) == {
        c.pk for c in his
    }


def test_who_can_no_longer_sign_in_asks_for_nothing_more(alice, adam, have, sandbox):
    """Not even with other members' keys."""
    work = begin_syncs(adam, have(alice, 2))
    Member.objects.filter(pk=alice.pk).update(bigdata_user_id="user_alice")
    Member.objects.filter(pk=adam.pk).update(is_active=False, bigdata_user_id="user_adam")
    assert work_off(work) == bulk.Progress(failed=2)
    assert messages_of(work) == {"The member who asked for it can no longer sign in."}
    assert calls(sandbox) == {}


def test_who_lost_the_role_for_it_changes_nothing_more(alice, have, sandbox):
    work = begin(alice, BulkAction.ARCHIVE, have(alice, 2))
    Member.objects.filter(pk=alice.pk).update(role=Role.SUPPORT)
    assert work_off(work) == bulk.Progress(failed=2)
    assert messages_of(work) == {"The member who asked for it may no longer do this with it."}
    assert calls(sandbox) == {}


def test_what_went_away_meanwhile_fails_with_its_reason(alice, have, sandbox):
    [connector] = have(alice)
    work = begin_syncs(alice, [connector])
    connector.gone_at = timezone.now()
    connector.save()
    assert work_off(work) == bulk.Progress(failed=1)
    assert messages_of(work) == {"It is gone: Bigdata.com no longer knows it."}
