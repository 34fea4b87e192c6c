"""What a connector's syncs add up to: runs, streaks, error groups."""

from uuid import UUID

import pytest
from django.db.models import Max
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from connectors_app.choices import KeyStatus, Role
from connectors_app.models import ApiKey, Connector, ErrorGroup, Member, Organization, SyncRun
from connectors_app.services import snapshots
from tests.polling.conftest import at, connector_data

ID = UUID(int=1)
LOGIN = "Login to {}.example was refused: wrong password"


def iso(seconds):
    return at(seconds).isoformat()


def sync(seconds, error=None, **fields):
    status = "FAILED" if error else "SUCCESS"
    return connector_data(
        ID, last_sync_at=iso(seconds), last_sync_status=status, last_sync_error_msg=error, **fields
    )


@pytest.fixture
def see(alice, make_key):
    """Take in one list after the other, a minute apart."""
    api_key = make_key(alice)

    def take(*answers):
        for number, answer in enumerate(answers):
            snapshots.take_list(api_key, [answer], asked_at=at(10_000 + number * 60))
        return Connector.objects.get()

    return take


def test_failures_in_a_row_are_counted_from_the_first(see):
    connector = see(sync(0), sync(60, "a"), sync(120, "b"), sync(180, "c"))
    assert (connector.failures_in_a_row, connector.failing_since) == (3, at(60))


def test_a_good_sync_ends_the_streak(see):
    connector = see(sync(0, "a"), sync(60))
    assert (connector.failures_in_a_row, connector.failing_since, connector.error_group) == (0, None, None)


def test_the_same_answer_again_counts_nothing(see):
    connector = see(sync(0, "a"), sync(0, "a"), sync(0, "a"))
    assert connector.failures_in_a_row == SyncRun.objects.count() == 1


def test_a_sync_that_is_told_otherwise_later_is_put_right(see):
    connector = see(sync(0, "still at it"), sync(0))
    assert [run.failed for run in SyncRun.objects.all()] == [False]
    assert connector.failures_in_a_row == 0


def test_what_fails_alike_is_one_group_that_spans_it(see):
    connector = see(sync(0, LOGIN.format("a")), sync(60, LOGIN.format("b")))
    group = ErrorGroup.objects.get()
    assert (group.first_seen_at, group.last_seen_at) == (at(0), at(60))
    assert group.example == LOGIN.format("b")
    assert connector.error_group == group
    assert SyncRun.objects.filter(error_group=group).count() == 2


def test_groups_are_the_organizations_own(see, mallory, make_key):
    see(sync(0, "a"))
    snapshots.take_list(make_key(mallory), [sync(0, "a")], asked_at=at(10_000))
    assert ErrorGroup.objects.count() == 2


def test_an_answer_that_goes_back_in_time_is_kept_and_the_streak_is_up_to_it(see):
    connector = see(sync(0, "a"), sync(120, "c"), sync(60, "b"))
    assert SyncRun.objects.count() == 3
    assert (connector.failures_in_a_row, connector.failing_since) == (2, at(0))


ANSWERS = st.lists(
    st.one_of(
        st.none(),  # It is not in the list.
        st.tuples(st.integers(0, 30), st.sampled_from([None, "login refused", "timed out", "report 7 broken"])),
    ),
    min_size=1,
    max_size=25,
)


class WhateverComes(TestCase):
    @settings(max_examples=60, deadline=None)
    @given(ANSWERS)
    def test_runs_and_state_are_what_a_fresh_look_at_them_gives(self, answers):
        """New, changed, vanished, back, repeated, out of order."""
        api_key = key_of_nobody()
        for number, answer in enumerate(answers):
            listed = [] if answer is None else [sync(answer[0] * 60, answer[1])]
            snapshots.take_list(api_key, listed, asked_at=at(100_000 + number * 60))
        seen = {answer[0] for answer in answers if answer}
        assert sorted(SyncRun.objects.values_list("at", flat=True)) == [at(each * 60) for each in sorted(seen)]
        for connector in Connector.objects.all():
            assert connector.gone_at is None  # Nobody answered 404.
            assert connector.state == connector.derive_state(seen_by_working_key=True, now=at(10**6))
            assert streak(connector) == (connector.failures_in_a_row, connector.failing_since)


def streak(connector):
    """Counted anew from the runs, up to the one that upstream tells as the last."""
    runs = SyncRun.objects.filter(connector=connector, at__lte=connector.last_sync_at)
    last_good = runs.filter(failed=False).aggregate(at=Max("at"))["at"]
    failed = runs.filter(failed=True).order_by("at").values_list("at", flat=True)
    since = [moment for moment in failed if last_good is None or moment > last_good]
    return len(since), since[0] if since else None


def key_of_nobody():
    organization = Organization.objects.create(name="N", stale_after={"investment_research": 0})
    member = Member.objects.create_member(email="n@example.com", organization=organization, role=Role.ANALYST)
    key = ApiKey(member=member, organization=organization, status=KeyStatus.WORKING)
    key.seal("some-key-1234567")
    key.save()
    return key
