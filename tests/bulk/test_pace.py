"""No more requests a minute than the limits allow, and half of them left for people."""

import pytest

from connectors_app.choices import BulkAction
from connectors_app.services import bulk_pace
from connectors_app.services.bulk_items import CALLS_EACH
from tests.bulk.conftest import begin, begin_syncs, calls, progress, time_passes, turn


@pytest.fixture
def alice(alice, with_key):
    return with_key(alice)


@pytest.mark.parametrize(
    ("per_key", "per_address", "organizations", "expected"),
    [(500, 1500, 1, 250), (500, 1500, 3, 250), (500, 1500, 6, 125), (500, 100, 1, 50), (1, 1, 5, 1), (0, 0, 0, 1)],
)
def test_half_of_the_tighter_limit(settings, per_key, per_address, organizations, expected):
    settings.BIGDATA_KEY_REQUESTS_PER_MINUTE = per_key
    settings.BIGDATA_REQUESTS_PER_MINUTE = per_address
    assert bulk_pace.calls_a_minute(organizations) == expected


def test_a_turn_is_a_tenth_of_a_minute_and_its_calls_last_as_long():
    assert bulk_pace.items_a_turn(calls_each=1, per_minute=250) == 25
    assert bulk_pace.items_a_turn(calls_each=3, per_minute=250) == 8
    assert bulk_pace.items_a_turn(calls_each=3, per_minute=1) == 1
    assert bulk_pace.seconds_for(calls=25, per_minute=250) == 6


@pytest.mark.parametrize("action", BulkAction)
def test_every_action_says_what_it_costs(action):
    assert CALLS_EACH[action] >= 1


def minutes(sandbox, work):
    """Work it off while the sandbox's clock runs as the turns ask for; the requests of each of its minutes."""
    while (pause := turn(work)) is not None:
        sandbox.advance(pause)
        time_passes()
    return sandbox.counts()["minutes"].values()


def test_syncs_stay_within_half_of_the_limit_in_every_minute(settings, alice, have, sandbox):
    settings.BIGDATA_KEY_REQUESTS_PER_MINUTE = 80
    work = begin_syncs(alice, have(alice, 100))
    busiest = minutes(sandbox, work)
    assert progress(work).succeeded == 100
    assert max(busiest) <= 44  # half of 80, and a turn that began in the minute before
    assert len(busiest) >= 3


def test_all_three_calls_of_a_changed_sender_list_count(settings, alice, have, sandbox):
    settings.BIGDATA_KEY_REQUESTS_PER_MINUTE = 120
    work = begin(alice, BulkAction.ADD_SENDER, have(alice, 30, type="email"), sender="new@desk.example")
    busiest = minutes(sandbox, work)
    assert progress(work).succeeded == 30
    assert calls(sandbox) == {"getConnector": 60, "updateConnector": 30}
    assert max(busiest) <= 66


def test_an_organization_s_bulks_take_turns_at_one_pace(alice, have, sandbox):
    first, second = begin_syncs(alice, have(alice, 3)), begin_syncs(alice, have(alice, 3))
    assert turn(first, limit=2) > 0
    assert turn(second) > 0
    assert calls(sandbox) == {"triggerSync": 2}
    time_passes()
    turn(first)
    assert (progress(first).succeeded, progress(second).succeeded) == (2, 3)


def test_another_organization_does_not_wait(alice, mallory, with_key, have, sandbox):
    sandbox.add_key("sandbox-mallory", "user_mallory", "org_id_666")
    mallory = with_key(mallory)
    turn(begin_syncs(alice, have(alice)))
    work = begin_syncs(mallory, have(mallory))
    assert turn(work) is None
    assert progress(work).succeeded == 1
