"""Incidents open and close by what is seen, and by nothing else."""

import pytest
from django.utils import timezone

from connectors_app.choices import Ending, IncidentKind
from connectors_app.models import ApiKey, Connector, Incident, Organization
from connectors_app.services import snapshots, stale_limits
from connectors_app.services.alerts import upkeep
from connectors_app.services.api_keys import remove_key, store_key
from connectors_app.services.members import deactivate
from connectors_app.services.organization_keys import disable_key
from connectors_app.services.upstream import reject
from tests.alerts.conftest import LOGIN, OTHER, at


def test_a_rejected_login_opens_one_at_once(watch, alice):
    feed = watch(alice)
    feed.sync(0, LOGIN)
    incident = feed.incident
    assert (incident.kind, incident.cause, incident.opened_at) == (IncidentKind.FAILING, "credentials", at(0))
    assert incident.error_group == feed.connector.error_group


def test_another_error_opens_one_when_it_comes_again(watch, alice):
    feed = watch(alice)
    feed.sync(0, OTHER)
    assert not Incident.objects.exists()
    feed.sync(10, OTHER)
    assert feed.incident.opened_at == at(0)


def test_the_organization_says_how_often(watch, alice):
    Organization.objects.update(alert_after_failures=3)
    feed = watch(alice)
    for minutes in (0, 10):
        feed.sync(minutes, OTHER)
    assert not Incident.objects.exists()
    feed.sync(20, OTHER)
    assert feed.incident.is_open


def test_a_good_sync_closes_it(watch, alice):
    feed = watch(alice)
    feed.sync(0, LOGIN)
    feed.sync(30)
    assert (feed.incident.closed_at, feed.incident.ending) == (at(30), Ending.RECOVERED)


def test_while_it_lasts_it_is_one(watch, alice):
    feed = watch(alice)
    for minutes in (0, 10, 20):
        feed.sync(minutes, LOGIN)
    assert Incident.objects.count() == 1
    assert feed.incident.last_seen_at == at(20)


def test_what_comes_back_within_the_hour_is_the_same_one(watch, alice):
    feed = watch(alice)
    feed.sync(0, LOGIN)
    feed.sync(10)
    feed.sync(60, LOGIN)
    assert Incident.objects.count() == 1
    assert (feed.incident.is_open, feed.incident.ending, feed.incident.reopened) == (True, "", 1)


def test_what_comes_back_later_is_another(watch, alice):
    feed = watch(alice)
    feed.sync(0, LOGIN)
    feed.sync(10)
    feed.sync(80, LOGIN)
    assert Incident.objects.count() == 2


def test_nothing_new_for_too_long_opens_one_and_a_sync_closes_it(watch, alice):
    feed = watch(alice)
    Connector.objects.update(stale_at=at(0))
    stale_limits.settle_stale(now=at(1))
    assert (feed.incident.kind, feed.incident.opened_at) == (IncidentKind.STALE, at(0))
    feed.sync(5)
    assert feed.incident.ending == Ending.RECOVERED


def test_what_goes_from_stale_to_failing_stays_one(watch, alice):
    feed = watch(alice)
    Connector.objects.update(stale_at=at(0))
    stale_limits.settle_stale(now=at(1))
    feed.sync(5, LOGIN)
    assert Incident.objects.count() == 1
    assert (feed.incident.kind, feed.incident.cause) == (IncidentKind.FAILING, "credentials")


def test_gone_without_our_doing_opens_one(watch, alice):
    feed = watch(alice)
    snapshots.take_not_found(feed.api_key, feed.connector, asked_at=at(0))
    assert feed.incident.kind == IncidentKind.GONE


def test_gone_because_it_was_deleted_here_opens_none(watch, alice):
    feed = watch(alice)
    Connector.objects.update(deletion_asked_at=at(-1))
    snapshots.take_not_found(feed.api_key, feed.connector, asked_at=at(0))
    assert not Incident.objects.exists()


def test_a_deletion_that_is_not_done_after_a_day_opens_one_and_its_end_closes_it(watch, alice):
    feed = watch(alice)
    Connector.objects.update(deletion_asked_at=at(0))
    feed.see(1)
    upkeep.look_after(now=at(24 * 60 - 1))
    assert not Incident.objects.exists()
    upkeep.look_after(now=at(24 * 60))
    assert (feed.incident.kind, feed.incident.opened_at) == (IncidentKind.NOT_DELETED, at(0))
    snapshots.take_not_found(feed.api_key, feed.connector, asked_at=at(24 * 60 + 5))
    assert feed.incident.ending == Ending.DELETED


def test_archiving_closes_it(watch, alice):
    feed = watch(alice)
    feed.sync(0, LOGIN)
    feed.sync(0, LOGIN, archived=True)
    assert feed.incident.ending == Ending.ARCHIVED


def test_trouble_that_an_older_version_saw_is_found(watch, alice):
    feed = watch(alice)
    feed.sync(0, LOGIN)
    Incident.objects.all().delete()
    upkeep.look_after(now=at(1))
    assert feed.incident.kind == IncidentKind.FAILING
    upkeep.look_after(now=at(2))
    assert Incident.objects.count() == 1


@pytest.fixture
def rejected(watch, alice):
    """Alice's key, which was rejected while one of her connectors failed."""
    feed = watch(alice)
    feed.sync(0, LOGIN)
    reject(feed.api_key, now=at(10))
    return feed


def test_a_rejected_key_opens_one_and_says_nothing_of_what_it_saw(rejected, alice):
    incident = Incident.objects.get(member=alice)
    assert (incident.kind, incident.connector, incident.opened_at) == (IncidentKind.KEY_REJECTED, None, at(10))
    assert rejected.incident.is_open
    assert Incident.objects.count() == 2


def test_a_key_that_works_again_closes_it(rejected, alice, sandbox):
    store_key(alice, "sandbox-alice")
    assert Incident.objects.get(member=alice).ending == Ending.RECOVERED


@pytest.mark.parametrize("stop", ["remove", "disable", "deactivate"])
def test_a_key_that_is_used_no_more_closes_it(rejected, alice, adam, stop):
    if stop == "remove":
        remove_key(alice)
    elif stop == "disable":
        disable_key(ApiKey.objects.get(), actor=adam)
    else:
        deactivate(alice, actor=adam)
    assert Incident.objects.get(member=alice).ending == Ending.STOPPED


def test_a_key_that_two_members_stored_is_each_ones_incident(make_key, alice, bob):
    keys = [make_key(member, "one-and-the-same-key") for member in (alice, bob)]
    reject(keys[0], now=timezone.now())
    assert set(Incident.objects.values_list("member__email", flat=True)) == {alice.email, bob.email}
