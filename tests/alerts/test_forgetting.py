"""Messages older than HISTORY_DAYS go; incidents stay, and so does what is still needed."""

from connectors_app.models import Delivery, Incident, IncidentEvent, Notice
from connectors_app.services.alerts.delivery import deliver
from connectors_app.services.alerts.forgetting import forget_old_messages
from tests.alerts.conftest import LOGIN, at, make_messages

DAY = 24 * 60


def test_what_was_sent_long_ago_is_forgotten(watch, alice):
    feed = watch(alice)
    feed.sync(0, LOGIN)
    [delivery] = make_messages(2)
    deliver(delivery.channel_id)
    Delivery.objects.update(finished_at=at(2))
    feed.sync(30)
    assert forget_old_messages(now=at(91 * DAY)) == 1
    assert not Delivery.objects.exists()
    assert not IncidentEvent.objects.filter(kind="opened").exists()
    assert Incident.objects.count() == 1


def test_what_waits_or_is_young_stays(watch, alice):
    watch(alice).sync(0, LOGIN)
    [delivery] = make_messages(2)
    assert forget_old_messages(now=at(91 * DAY)) == 0
    deliver(delivery.channel_id)
    Delivery.objects.update(finished_at=at(2))
    assert forget_old_messages(now=at(89 * DAY)) == 0


def test_what_an_open_incident_has_told_is_known_for_as_long_as_it_lasts(watch, alice):
    feed = watch(alice)
    feed.sync(0, LOGIN)
    [delivery] = make_messages(2)
    deliver(delivery.channel_id)
    Delivery.objects.update(finished_at=at(2))
    forget_old_messages(now=at(200 * DAY))
    assert IncidentEvent.objects.exists()
    assert Notice.objects.exists()
