"""The worker's task that sends: at once after a start, and until nothing more is due."""

import pytest
from django.core.mail.backends.locmem import EmailBackend

from connectors_app import tasks
from connectors_app.models import Channel, Delivery
from tests.alerts.channels import make_delivery
from tests.alerts.conftest import LOGIN

# Killing real workers is in tests/abuse/test_27_killed_deliveries.py.


@pytest.fixture
def hook(make_channel, receiver):
    return make_channel("webhook", url=receiver.url)


def test_a_fresh_worker_sends_at_once(hook, receiver):
    delivery = make_delivery(hook)
    tasks.send_at_once()
    assert [body["id"] for body in receiver.bodies] == [str(delivery.pk)]


def test_it_makes_the_messages_first(hook, watch, alice, receiver):
    watch(alice, label="Broker A").sync(0, LOGIN)
    tasks.send_messages()
    assert [body["summary"] for body in receiver.bodies] == ["Broker A: login rejected"]


def test_every_minute_time_is_looked_at_and_messages_are_sent(hook, watch, alice, receiver):
    watch(alice).sync(0, LOGIN)
    tasks.look_after_incidents()
    assert receiver.bodies[0]["type"] == "incidents.opened"


class Newsworthy(EmailBackend):
    """While it sends the first mail, something happens that a channel is to hear of that had its turn already."""

    def send_messages(self, messages):
        hook = Channel.objects.get(kind="webhook")
        if not hook.deliveries.exists():
            make_delivery(hook)
        return super().send_messages(messages)


def test_it_goes_on_while_there_is_more_to_send(hook, make_channel, receiver, settings):
    settings.EMAIL_BACKEND = f"{__name__}.Newsworthy"
    make_delivery(make_channel("email"))
    tasks.send_messages()
    assert set(Delivery.objects.values_list("status", flat=True)) == {"delivered"}
    assert len(receiver.bodies) == 1


def test_it_does_not_go_on_where_nothing_can_be_sent(hook, receiver):
    make_delivery(hook)
    receiver.status = 503
    tasks.send_messages()
    assert len(receiver.bodies) == 1
