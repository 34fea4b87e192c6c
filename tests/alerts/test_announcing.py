"""When people are told: at once the first time, and never more often than they can bear."""

from datetime import timedelta

import pytest

from connectors_app.models import Incident, IncidentEvent
from connectors_app.services import errors
from connectors_app.services.alerts import handling, upkeep
from tests.alerts.conftest import LOGIN, at, make_messages, subjects

DAY = 24 * 60


def told():
    """What was to be told so far, in order."""
    return list(IncidentEvent.objects.order_by("number").values_list("kind", flat=True))


@pytest.fixture
def feed(watch, alice):
    return watch(alice, label="Broker A")


def test_trouble_and_its_end_are_told(feed):
    feed.sync(0, LOGIN)
    assert subjects(2) == ["Broker A: login rejected"]
    feed.sync(30)
    assert subjects(32) == ["Over: Broker A: login rejected"]


def test_flapping_ten_times_in_an_hour_sends_two_messages_at_most(feed):
    sent = []
    for minutes in range(0, 60, 6):
        feed.sync(minutes, LOGIN)
        sent += subjects(minutes + 2)
        feed.sync(minutes + 3)
        sent += subjects(minutes + 5)
    assert len(sent) == 2
    assert Incident.objects.get().reopened == 9
    # It is over, and that was told.
    assert subjects(3 * 60) == []


def test_what_was_kept_back_is_told_when_the_hour_is_over(feed):
    feed.sync(0, LOGIN)
    feed.sync(5)
    feed.sync(10, LOGIN)
    assert told() == ["opened", "closed"]
    upkeep.look_after(now=at(64))
    assert told() == ["opened", "closed"]
    upkeep.look_after(now=at(66))
    assert told() == ["opened", "closed", "opened"]


def test_another_kind_of_trouble_is_told_as_a_change(feed):
    feed.sync(0, LOGIN)
    Incident.objects.update(kind="stale", announced="stale")
    feed.sync(90, LOGIN)
    assert told() == ["opened", "changed"]


def test_who_is_not_told_that_it_is_bad_is_not_told_that_it_is_good(feed, sam):
    feed.sync(0, LOGIN)
    Incident.objects.update(announced="", events_count=0)
    IncidentEvent.objects.all().delete()
    feed.sync(10)
    assert told() == []


def test_what_stays_open_is_told_once_a_day(feed):
    feed.sync(0, LOGIN)
    for minutes in (DAY - 1, DAY, DAY + 60, 2 * DAY + 1):
        upkeep.look_after(now=at(minutes))
    assert told() == ["opened", "reminder", "reminder"]


def test_whoever_says_that_they_know_is_not_reminded(feed, sam):
    feed.sync(0, LOGIN)
    assert handling.acknowledge(feed.incident, by=sam, now=at(10))
    assert not handling.acknowledge(feed.incident, by=sam, now=at(11))
    upkeep.look_after(now=at(2 * DAY))
    feed.sync(3 * DAY)
    assert told() == ["opened", "closed"]


def test_a_snoozed_incident_is_quiet_until_the_snoozing_ends(feed, sam):
    feed.sync(0, LOGIN)
    handling.snooze(feed.incident, by=sam, until=at(3 * DAY), reason="They know")
    upkeep.look_after(now=at(2 * DAY))
    assert told() == ["opened"]
    upkeep.look_after(now=at(3 * DAY + 1))
    assert told() == ["opened", "reminder"]


def test_the_end_of_a_snoozed_incident_is_told(feed, sam):
    feed.sync(0, LOGIN)
    handling.snooze(feed.incident, by=sam, until=at(3 * DAY), reason="They know")
    feed.sync(60)
    assert told() == ["opened", "closed"]


def test_an_error_that_is_snoozed_opens_incidents_in_silence(feed, watch, alice, sam):
    feed.sync(0, LOGIN)
    errors.snooze(feed.connector.error_group, by=sam, until=at(DAY), reason="Known")
    other = watch(alice)
    other.sync(10, LOGIN)
    assert other.incident.is_open
    assert not other.incident.events.exists()
    upkeep.look_after(now=at(DAY - 1))
    assert not other.incident.events.exists()
    upkeep.look_after(now=at(DAY + 1))
    assert other.incident.events.get().kind == "opened"


def test_waking_an_incident_goes_on_as_before(feed, sam):
    feed.sync(0, LOGIN)
    handling.snooze(feed.incident, by=sam, until=at(30 * DAY), reason="They know")
    handling.wake(feed.incident, by=sam)
    upkeep.look_after(now=at(DAY))
    assert told() == ["opened", "reminder"]


def test_events_are_numbered(feed):
    feed.sync(0, LOGIN)
    feed.sync(10)
    assert list(IncidentEvent.objects.order_by("at").values_list("number", flat=True)) == [1, 2]


def test_a_message_says_what_was_known_when_it_happened(feed):
    feed.sync(0, LOGIN)
    feed.sync(1, LOGIN, label="Renamed")
    [delivery] = make_messages(3)
    [told_of] = delivery.body["incidents"]
    assert (told_of["label"], told_of["error"], told_of["number"]) == ("Broker A", LOGIN, 1)
    assert told_of["since"] == at(0).isoformat()


def test_nothing_is_told_twice(feed):
    feed.sync(0, LOGIN)
    assert len(make_messages(2)) == 1
    assert make_messages(3) == []
    assert make_messages(2 + timedelta(hours=1).total_seconds() / 60) == []
