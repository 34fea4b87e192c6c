"""The one word for a connector: the first of `State`'s order that fits."""

from itertools import combinations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from connectors_app.choices import KeyStatus, State
from connectors_app.models import ApiKey, Connector
from connectors_app.services import snapshots
from tests.polling.conftest import NOON, at, connector_data

DERIVED = [state for state in State if state not in (State.HEALTHY, State.STALE)]


def connector_with(facts):
    """A connector of which just these facts hold."""
    return Connector(
        type="investment_research",
        deletion_asked_at=NOON if State.DELETING in facts else None,
        archived=State.ARCHIVED in facts,
        gone_at=NOON if State.GONE in facts else None,
        last_sync_status="FAILED" if State.FAILING in facts else "SUCCESS",
        sync_asked_at=at(60) if State.SYNCING in facts else None,
        last_sync_at=None if State.NEVER_SYNCED in facts else at(0),
    )


def derived(facts):
    return connector_with(facts).derive_state(seen_by_working_key=State.KEY_REJECTED not in facts, now=at(60))


@given(st.sets(st.sampled_from(DERIVED)))
def test_the_first_fact_in_the_order_of_precedence_is_the_state(facts):
    assume(not {State.DELETING, State.GONE} <= facts)  # once it is gone, it is not being deleted any more
    assert derived(facts) == min(facts, key=list(State).index, default=State.HEALTHY)


@pytest.mark.parametrize(
    ("first", "second"), [pair for pair in combinations(DERIVED, 2) if pair != (State.DELETING, State.GONE)]
)
def test_of_two_facts_the_first_wins(first, second):
    assert derived({first, second}) == first


def test_a_deletion_ends_when_the_connector_is_gone():
    assert derived({State.DELETING, State.GONE}) == State.GONE


@pytest.mark.parametrize("state", State)
def test_every_state_can_be_shown(state):
    assert state.label
    assert state.tone in {"secondary", "danger", "warning", "info", "success"}
    assert state.icon
    assert state.explanation.endswith(".")


@pytest.mark.parametrize(
    ("status", "error", "failed"),
    [
        ("SUCCESS", "", False),
        ("success", "", False),
        ("SUCCESS", "an old note", False),
        ("FAILED", "", True),
        ("failure", "", True),
        ("PARTIAL_ERROR", "", True),
        ("COMPLETED", "", False),
        ("COMPLETED", "3 files were not readable", True),
        ("", "Login refused", True),
        ("", "", False),
    ],
)
def test_a_status_that_we_do_not_know_is_judged_by_its_error(status, error, failed):
    connector = Connector(last_sync_status=status, last_sync_error_msg=error)
    assert connector.last_sync_failed is failed


@pytest.mark.parametrize(("files", "state"), [(0, "never_synced"), (None, "healthy"), (5, "healthy")])
def test_an_inbox_has_no_syncs_and_is_judged_by_its_files(files, state):
    assert Connector(type="email", files_count=files).derive_state(seen_by_working_key=True, now=at(60)) == state


@given(st.sets(st.sampled_from(DERIVED)), st.sampled_from(State))
def test_settling_changes_the_state_s_beginning_only_with_the_state(facts, before):
    connector = connector_with(facts)
    connector.state, connector.state_since = before, at(-60)
    changed = connector.settle_state(seen_by_working_key=State.KEY_REJECTED not in facts, now=NOON)
    assert connector.state == derived(facts)
    assert (changed, connector.state_since) == ((True, NOON) if connector.state != before else (False, at(-60)))


def test_a_sync_that_was_asked_for_ends_with_a_newer_result(alice, make_key):
    api_key = make_key(alice)
    connector_id = connector_data().connector_id
    for last_sync_at, state in (("2026-03-01T12:00:00Z", State.SYNCING), ("2026-03-01T12:02:00Z", State.HEALTHY)):
        data = connector_data(connector_id, last_sync_at=last_sync_at)
        snapshots.take_list(api_key, [data], asked_at=at(180))
        if state == State.SYNCING:
            Connector.objects.update(sync_asked_at=at(60))
            snapshots.take_list(api_key, [data], asked_at=at(180))
        assert Connector.objects.get().state == state


@pytest.fixture
def two_keys(alice, bob, make_key):
    """Two keys that see the same connector."""
    keys = make_key(alice), make_key(bob)
    data = connector_data(share_with_org=True)
    for api_key in keys:
        snapshots.take_list(api_key, [data], asked_at=at(0))
    return keys


def reject(api_key):
    ApiKey.objects.filter(pk=api_key.pk).update(status=KeyStatus.REJECTED)
    snapshots.settle_states_of(api_key, now=at(60))


def test_one_working_key_is_enough(two_keys):
    reject(two_keys[0])
    assert Connector.objects.get().state == State.HEALTHY


def test_without_a_working_key_the_state_says_so(two_keys):
    for api_key in two_keys:
        reject(api_key)
    assert (Connector.objects.get().state, Connector.objects.get().state_since) == (State.KEY_REJECTED, at(60))


def test_a_deactivated_member_s_key_does_not_count(two_keys, bob):
    reject(two_keys[0])
    bob.is_active = False
    bob.save()
    snapshots.settle_states_of(two_keys[1], now=at(60))
    assert Connector.objects.get().state == State.KEY_REJECTED
