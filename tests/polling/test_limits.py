"""Requests are counted for all processes together, and people keep some room."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from connectors_app.models import Allowance
from connectors_app.services import limits, polling

pytestmark = pytest.mark.django_db
AT_MOST = st.just(1) | st.integers(1, 200)
START = 1_800_000_000.0


def take_all(bucket, *, now, **options):
    return limits.take(bucket, per_minute=600, at_most=10_000, now=now, **options)


def test_a_burst_is_a_twelfth_of_the_limit_and_half_of_it_is_for_people():
    assert take_all("a", now=START) == 24
    assert take_all("a", now=START) == 0
    assert take_all("a", now=START, for_people=True) == 24
    assert take_all("a", now=START, for_people=True) == 0


def test_room_comes_back_with_time_but_never_more_than_the_burst():
    take_all("a", now=START, for_people=True)
    assert take_all("a", now=START + 1, for_people=True) == 9  # 90 % of 600 a minute
    assert take_all("a", now=START + 3600, for_people=True) == 48


@pytest.mark.parametrize(("for_people", "room"), [(False, 24), (True, 48)])
def test_one_at_a_time_there_is_as_much_as_at_once(for_people, room):
    def take_one_by_one(now):
        taken = 0
        while limits.take("a", per_minute=600, for_people=for_people, now=now):
            taken += 1
        return taken

    assert take_one_by_one(START) == room
    assert take_one_by_one(START + 1) == 9
    assert take_one_by_one(START + 3600) == room


def test_buckets_do_not_share():
    take_all("a", now=START)
    assert take_all("b", now=START) == 24


def test_even_the_smallest_limit_lets_something_through():
    assert limits.take("a", per_minute=1, now=START) == 1
    assert limits.take("a", per_minute=1, now=START + 30) == 0
    assert limits.take("a", per_minute=1, now=START + 71) == 1


def test_a_clock_that_was_set_back_does_not_stop_everything():
    take_all("a", now=START + 86_400)
    assert limits.take("a", per_minute=600, now=START + 60) >= 0
    assert take_all("a", now=START + 120) > 0


class EveryMinute(TestCase):
    @settings(max_examples=30, deadline=None)
    @given(st.lists(st.tuples(st.floats(0, 20), AT_MOST, st.booleans()), min_size=1, max_size=40))
    def test_no_minute_passes_the_limit(self, asks):
        Allowance.objects.all().delete()
        now, sent = START, []
        for wait, wanted, for_people in asks:
            now += wait
            taken = limits.take("a", per_minute=600, at_most=wanted, for_people=for_people, now=now)
            sent += [now] * taken
        for beginning in set(sent):
            assert sum(beginning <= moment < beginning + 60 for moment in sent) <= 600


def test_a_call_counts_for_its_key_and_for_the_address(settings):
    settings.BIGDATA_KEY_REQUESTS_PER_MINUTE, settings.BIGDATA_REQUESTS_PER_MINUTE = 25, 1500
    admitted = [limits.admits_call("f", for_people=True) for _ in range(5)]
    assert admitted == [True, True, False, False, False]
    assert limits.admits_call("g", for_people=True)


def test_people_are_told_when_the_limit_is_reached_and_nothing_is_sent(
    with_key, alice, sandbox, signed_in, settings
):
    [connector_id] = sandbox.plant("user_alice")
    polling.poll(with_key(alice).api_key.pk)
    sandbox.clear_requests()
    settings.BIGDATA_KEY_REQUESTS_PER_MINUTE = 1
    client = signed_in(alice)
    pages = [client.post(f"/connectors/{connector_id}/refresh/", headers={"HX-Request": "true"}) for _ in range(3)]
    assert len(sandbox.requests) == 1
    assert b"as often as it may" in pages[-1].content
