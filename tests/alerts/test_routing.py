"""Who hears: whose connector it is, who follows it, and the organization's channels by their rules."""

from datetime import time
from zoneinfo import ZoneInfo

import pytest

from connectors_app.choices import ChannelKind
from connectors_app.models import Channel, Delivery
from connectors_app.services.alerts import channels, handling
from connectors_app.services.members import deactivate
from connectors_app.services.upstream import reject
from tests.alerts.conftest import LOGIN, OTHER, at, make_messages

MORNING = 20 * 60  # Eight o'clock of the next day, in minutes from noon.


def hearing(minutes):
    """Who gets a message at that minute."""
    return sorted(
        delivery.channel.member.email.partition("@")[0] if delivery.channel.member else delivery.channel.name
        for delivery in make_messages(minutes)
    )


@pytest.fixture
def feed(watch, alice):
    return watch(alice, share_with_org=True)


def test_the_owner_hears(feed, bob, adam):
    feed.sync(0, LOGIN)
    assert hearing(2) == ["alice"]


def test_who_follows_a_connector_hears_too(feed, bob):
    handling.follow(feed.connector, member=bob)
    feed.sync(0, LOGIN)
    assert hearing(2) == ["alice", "bob"]


def test_who_unfollows_hears_no_more_of_what_comes(feed, bob):
    handling.follow(feed.connector, member=bob)
    handling.unfollow(feed.connector, member=bob)
    feed.sync(0, LOGIN)
    assert hearing(2) == ["alice"]


def test_who_may_not_see_it_any_more_hears_nothing(feed, bob):
    handling.follow(feed.connector, member=bob)
    feed.sync(0, LOGIN, share_with_org=False)
    assert hearing(2) == ["alice"]


def test_who_left_hears_nothing(feed, alice, adam):
    deactivate(alice, actor=adam)
    feed.sync(0, LOGIN)
    assert hearing(2) == []


def test_of_a_rejected_key_its_owner_hears(feed, bob):
    handling.follow(feed.connector, member=bob)
    reject(feed.api_key, now=at(0))
    assert hearing(2) == ["alice"]


@pytest.mark.parametrize(
    ("rules", "hears"),
    [
        ({}, True),
        ({"kinds": ["failing", "stale"]}, True),
        ({"kinds": ["stale"]}, False),
        ({"types": ["investment_research"]}, True),
        ({"types": ["email"]}, False),
        ({"causes": ["credentials"]}, True),
        ({"causes": ["session"]}, False),
        ({"kinds": ["failing"], "types": ["email"]}, False),
        ({"owners": "alice"}, True),
        ({"owners": "bob"}, False),
        ({"is_enabled": False}, False),
    ],
)
def test_a_channel_hears_what_fits_all_its_rules(feed, make_channel, alice, bob, rules, hears):
    if "owners" in rules:
        rules = {"owners": [{"alice": alice, "bob": bob}[rules["owners"]].pk]}
    make_channel(**rules)
    feed.sync(0, LOGIN)
    assert ("Our email" in hearing(2)) is hears


def test_a_rule_about_owners_is_about_keys_too(feed, make_channel, alice, bob):
    make_channel(owners=[alice.pk])
    make_channel(owners=[bob.pk], email="bob@example.com")
    reject(feed.api_key, now=at(0))
    assert hearing(2) == ["Our email", "alice"]


def test_another_organization_hears_nothing(feed, make_channel, mallory):
    make_channel().__class__.objects.update(organization=mallory.organization)
    feed.sync(0, LOGIN)
    assert hearing(2) == ["alice"]


def test_who_was_not_told_of_the_beginning_is_not_told_of_the_end(feed, make_channel):
    feed.sync(0, LOGIN)
    assert hearing(2) == ["alice"]
    make_channel()
    feed.sync(10)
    assert hearing(12) == ["alice"]


def choose(member, quiet=(None, None), **choices):
    quiet_from, quiet_to = quiet
    channels.choose(member, choices, quiet_from=quiet_from, quiet_to=quiet_to)


def test_a_member_can_choose_never(feed, alice):
    choose(alice, failing="never")
    feed.sync(0, LOGIN)
    assert hearing(2 * MORNING) == []


def test_once_a_day_is_one_message_in_the_morning(feed, watch, alice):
    choose(alice, failing="daily")
    feed.sync(0, LOGIN)
    other = watch(alice)
    other.sync(60, OTHER)
    other.sync(70, OTHER)
    assert hearing(MORNING - 1) == []
    [delivery] = make_messages(MORNING)
    assert len(delivery.body["incidents"]) == 2


def test_the_morning_is_the_member_s(feed, alice):
    choose(alice, failing="daily")
    alice.time_zone = "America/New_York"
    alice.save()
    feed.sync(0, LOGIN)
    eight_there = at(0).astimezone(ZoneInfo("America/New_York")).replace(hour=8)
    minutes = (eight_there - at(0)).total_seconds() / 60  # Noon in London is seven o'clock there.
    assert hearing(minutes - 1) == []
    assert hearing(minutes + 1) == ["alice"]


@pytest.mark.parametrize(
    ("quiet_from", "quiet_to", "begins", "told_at"),
    [
        (time(11), time(14), 0, 2 * 60),
        (time(22), time(7), 12 * 60, 19 * 60),
        (time(22), time(7), 0, 2),
        (time(9), time(9), 0, 2),
    ],
)
def test_in_quiet_hours_nothing_comes_and_afterwards_it_does(feed, alice, quiet_from, quiet_to, begins, told_at):
    choose(alice, (quiet_from, quiet_to))
    feed.sync(begins, LOGIN)
    if told_at > begins + 2:
        assert hearing(begins + 5) == []
        assert hearing(told_at - 1) == []
    assert hearing(told_at) == ["alice"]


def test_quiet_hours_are_not_for_the_organization_s_channels(feed, alice, make_channel):
    make_channel()
    choose(alice, (time(0), time(23)))
    feed.sync(0, LOGIN)
    assert hearing(2) == ["Our email"]


def test_a_member_has_one_channel_of_their_own(feed, alice):
    for minutes in (0, 200):
        feed.sync(minutes, LOGIN)
        feed.sync(minutes + 5)
        make_messages(minutes + 7)
    assert Channel.objects.get(member=alice).kind == ChannelKind.EMAIL


def test_every_member_is_told_by_a_message_of_their_own(feed, bob):
    handling.follow(feed.connector, member=bob)
    feed.sync(0, LOGIN)
    make_messages(2)
    assert Delivery.objects.values("channel").distinct().count() == 2
