"""One message when many fail together, and each incident in the order in which it went."""

from collections import defaultdict
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from connectors_app.bigdata import ConnectorData
from connectors_app.models import Channel, Delivery, Incident, IncidentEvent, Notice, Organization
from connectors_app.services import snapshots
from connectors_app.services.alerts import packing
from tests.alerts.conftest import LOGIN, at, make_messages, subjects
from tests.polling.conftest import connector_data


def outage(api_key, ids, minutes, error=None, **fields):
    """All of them as one list answer of that minute tells them."""
    told = {
        "user_id": "user_alice",
        "last_sync_at": at(minutes).isoformat(),
        "last_sync_status": "FAILED" if error else "SUCCESS",
        "last_sync_error_msg": error,
    }
    answer: list[ConnectorData] = [connector_data(each, **told | fields) for each in ids]
    snapshots.take_list(api_key, answer, asked_at=at(minutes))


@pytest.fixture
def feeds(alice, make_key):
    """Three hundred connectors of Alice's, all well."""
    alice.bigdata_user_id = "user_alice"
    alice.save()
    api_key = make_key(alice)
    ids = [connector_data().connector_id for _ in range(300)]
    outage(api_key, ids, -600)
    return api_key, ids


def test_an_outage_of_300_is_one_message_each_and_so_is_its_end(feeds, make_channel):
    make_channel()
    make_channel("slack", url="https://hooks.example.com/T/B/x")
    outage(*feeds, 0, LOGIN)
    assert subjects(2) == ["300 connectors: login rejected"] * 3
    outage(*feeds, 30)
    assert subjects(32) == ["Over: 300 connectors: login rejected"] * 3
    assert subjects(40) == []


def test_the_queries_do_not_grow_with_the_outage(feeds, make_channel, bob, django_assert_max_num_queries):
    make_channel(owners=[bob.pk])
    make_channel("slack", url="https://hooks.example.com/T/B/x")
    outage(*feeds, 0, LOGIN)
    with django_assert_max_num_queries(45):
        assert len(subjects(2)) == 2
    outage(*feeds, 30)
    with django_assert_max_num_queries(45):
        assert len(subjects(32)) == 2


def test_an_outage_that_is_seen_bit_by_bit_is_still_one_message(feeds, settings):
    settings.POLL_INTERVAL = 300
    api_key, ids = feeds
    sent = []
    for step in range(10):
        for connector_id in ids[step * 5 : step * 5 + 5]:
            told = {"last_sync_status": "FAILED", "last_sync_error_msg": LOGIN, "user_id": "user_alice"}
            data = connector_data(connector_id, last_sync_at=at(step / 2).isoformat(), **told)
            snapshots.take_one(api_key, data, asked_at=at(step / 2))
        sent += subjects(step / 2)
    assert sent + subjects(6) == ["50 connectors: login rejected"]


def test_nobody_waits_for_longer_than_a_round_takes(watch, alice, settings):
    settings.POLL_INTERVAL = 300
    for minutes in range(8):
        watch(alice).sync(minutes, LOGIN)
        if make_messages(minutes):
            break
    assert minutes == 7


def test_what_fails_of_different_causes_is_told_apart(watch, alice):
    watch(alice, label="A").sync(0, LOGIN)
    session = watch(alice, label="B")
    session.sync(0, "The session has expired")
    assert sorted(subjects(2)) == ["A: login rejected", "B: session expired"]


def test_people_are_spared_what_came_and_went(watch, alice, make_channel):
    make_channel("webhook", url="https://hooks.example.com/")
    feed = watch(alice)
    feed.sync(0, LOGIN)
    feed.sync(0.5)
    [first, second] = make_messages(5)
    assert {first.channel.kind, second.channel.kind} == {"webhook"}
    assert [first.body["type"], second.body["type"]] == ["opened", "closed"]
    assert not Notice.objects.filter(delivery=None).exists()


def test_a_very_large_outage_is_told_in_parts(feeds, monkeypatch):
    monkeypatch.setattr(packing, "AT_MOST_IN_ONE", 120)
    outage(*feeds, 0, LOGIN)
    assert [len(delivery.body["incidents"]) for delivery in make_messages(2)] == [120, 120, 60]


def test_a_label_never_makes_a_second_header_line(watch, alice):
    watch(alice, label="Feed\r\nBcc: mallory@example.com").sync(0, LOGIN)
    assert subjects(2) == ["Feed Bcc: mallory@example.com: login rejected"]


class AnyOrder(TestCase):
    """Whatever happens to some incidents, and whenever messages are made."""

    def setUp(self):
        self.organization = Organization.objects.create(name="Northwind Research")
        self.channel = Channel(organization=self.organization, kind="webhook", name="Ours")
        self.channel.save()

    @settings(max_examples=40, deadline=None)
    @given(
        st.lists(
            st.tuples(st.integers(0, 2), st.sampled_from(["a", "b", "c"]), st.floats(0, 3), st.booleans()),
            min_size=1,
            max_size=25,
        )
    )
    def test_of_no_incident_something_later_is_told_first_and_nothing_is_lost(self, steps):
        Incident.objects.all().delete()
        Delivery.objects.all().delete()
        incidents, numbers, minutes = {}, defaultdict(int), 0.0
        for which, group, wait, makes_messages in steps:
            minutes += wait
            if which not in incidents:
                api_key_free = {"organization": self.organization, "kind": "failing", "opened_at": at(0)}
                member = self.organization.members.create(
                    email=f"{which}-{minutes}@example.com", organization=self.organization
                )
                incidents[which] = Incident.objects.create(member=member, last_seen_at=at(0), **api_key_free)
            numbers[which] += 1
            event = IncidentEvent.objects.create(
                organization=self.organization,
                incident=incidents[which],
                number=numbers[which],
                kind="opened",
                at=at(minutes),
                facts={"kind": "failing", "cause": "", "since": at(0).isoformat(), "ending": "", "label": "x"},
                routed_at=at(minutes),
            )
            Notice.objects.create(channel=self.channel, event=event, group=group)
            if makes_messages:
                packing.pack(self.organization.pk, now=at(minutes))
        packing.pack(self.organization.pk, now=at(minutes) + timedelta(hours=1))
        told = defaultdict(list)
        for delivery in Delivery.objects.order_by("number"):
            for each in delivery.body["incidents"]:
                told[each["id"]].append(each["number"])
        expected = {str(incidents[which].pk): list(range(1, number + 1)) for which, number in numbers.items()}
        assert told == expected
