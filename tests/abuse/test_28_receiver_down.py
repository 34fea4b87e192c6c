"""A receiver that is down for a day: messages wait, are tried ever more rarely, given up, and can be sent again.

Time passes by moving what is written down of it.
"""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.utils import timezone

from connectors_app import tasks
from connectors_app.choices import AuditAction
from connectors_app.models import ApiKey, AuditEntry, Channel, Delivery
from connectors_app.services.alerts import handling
from connectors_app.services.alerts.delivery import deliver, due_channels
from connectors_app.webhooks import verify
from tests.abuse.mail_server import MailServer
from tests.alerts import conftest as of_alerts
from tests.alerts.channels import make_delivery
from tests.bigdata.servers import Server
from tests.connectors.conftest import database_for_threads

__all__ = ["database_for_threads"]
make_channel, receiver = of_alerts.make_channel, of_alerts.receiver
DAY = timedelta(days=1)


@pytest.fixture
def mail_server(settings):
    """It is down until a test starts it."""
    server = MailServer()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    yield server
    server.stop()


@pytest.fixture
def down(make_channel, receiver, mail_server):
    """The channel of that kind, whose receiver is down."""

    def make(kind):
        receiver.status = 503
        return make_channel(kind, url=receiver.url)

    return make


@pytest.fixture
def answering(settings):
    """Another receiver: it gives this answer, if told so not before an event."""
    settings.WEBHOOK_ALLOWED_HOSTS = ["127.0.0.1"]
    servers = []

    def start(answer, event=None):
        def handle(line, request):
            if event is not None:
                event.wait(60)
            line.sendall(answer)

        servers.append(Server(handle))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def arrived(receiver, mail_server):
    """The ids of what was taken or refused, in order."""
    by_mail = [message["Message-ID"].strip("<>").partition("@")[0] for message in mail_server.taken]
    return by_mail or [body["id"] for body in receiver.bodies]


def passes(time):
    Channel.objects.update(next_try_at=F("next_try_at") - time)
    Delivery.objects.update(give_up_at=F("give_up_at") - time, created_at=F("created_at") - time)


def try_for(time, channel):
    """Whenever the channel may be tried, a worker does; returns the waits between the tries."""
    waits = []
    while sum(waits, timedelta()) < time:
        assert due_channels(now=timezone.now()) == [channel.pk]
        deliver(channel.pk)
        next_try_at = Channel.objects.get(pk=channel.pk).next_try_at
        if next_try_at is None:
            break
        waits.append(next_try_at - timezone.now())
        passes(waits[-1])
    return waits


def statuses():
    return list(Delivery.objects.order_by("number").values_list("status", flat=True))


both = pytest.mark.parametrize("kind", ["webhook", "email"])


@both
def test_28_for_most_of_a_day_all_wait_and_then_arrive_in_order(down, receiver, mail_server, kind):
    channel = down(kind)
    made = [make_delivery(channel) for _ in range(3)]
    try_for(DAY - timedelta(hours=4), channel)
    assert statuses() == ["waiting"] * 3
    receiver.status, tried = 200, len(receiver.bodies)
    mail_server.start()
    assert deliver(channel.pk) == 3
    assert arrived(receiver, mail_server)[tried:] == [str(each.pk) for each in made]
    assert statuses() == ["delivered"] * 3


@both
def test_28_the_tries_get_rare_and_after_a_day_it_is_given_up_with_the_reason(down, kind):
    channel = down(kind)
    delivery = make_delivery(channel)
    waits = try_for(2 * DAY, channel)
    assert DAY <= sum(waits, timedelta()) <= DAY + timedelta(hours=4)
    assert len(waits) < 25
    assert waits[0] <= timedelta(seconds=30)
    assert timedelta(hours=2) - timedelta(seconds=5) <= waits[-1] <= timedelta(hours=4)
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts) == ("given_up", len(waits) + 1)
    assert delivery.message in ("503 Service Unavailable", "No mail server has taken it")
    assert delivery.finished_at is not None


@both
def test_28_what_was_given_up_does_not_hold_up_what_came_later(down, receiver, mail_server, kind):
    channel = down(kind)
    make_delivery(channel)
    try_for(DAY - timedelta(hours=4), channel)
    late = make_delivery(channel)
    try_for(timedelta(hours=9), channel)
    assert statuses() == ["given_up", "waiting"]
    receiver.status = 200
    mail_server.start()
    assert deliver(channel.pk) == 1
    assert arrived(receiver, mail_server)[-1] == str(late.pk)


@both
def test_28_what_was_given_up_is_sent_again_with_its_id_for_who_asks(down, receiver, mail_server, adam, kind):
    channel = down(kind)
    delivery = make_delivery(channel)
    try_for(2 * DAY, channel)
    assert due_channels(now=timezone.now()) == []
    handling.replay(delivery, by=adam, now=timezone.now())
    try_for(DAY - timedelta(hours=4), channel)
    assert statuses() == ["waiting"]  # It has a day anew.
    receiver.status = 200
    mail_server.start()
    handling.replay(delivery, by=adam, now=timezone.now())
    assert due_channels(now=timezone.now()) == [channel.pk]
    assert deliver(channel.pk) == 1
    assert {*arrived(receiver, mail_server)} == {str(delivery.pk)}
    assert statuses() == ["delivered"]
    assert AuditEntry.objects.filter(action=AuditAction.MESSAGE_REPLAYED).count() == 1


def test_28_a_message_that_is_sent_again_after_a_day_is_signed_anew(down, receiver, adam):
    """A receiver refuses old signatures."""
    channel = down("webhook")
    delivery = make_delivery(channel)
    try_for(2 * DAY, channel)
    receiver.status = 200
    handling.replay(delivery, by=adam, now=timezone.now())
    deliver(channel.pk)
    head, _, body = receiver.server.requests[-1].partition(b"\r\n\r\n")
    [header] = [line[13:] for line in head.decode().split("\r\n") if line.startswith("X-Signature: ")]
    assert verify("whsec_canary", body, header, now=timezone.now().timestamp())


def test_28_other_channels_deliver_meanwhile(down, make_channel, mail_server, answering):
    up = answering(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    channels = [down("webhook"), make_channel("email"), make_channel("slack", url=up.url)]
    mail_server.start()
    for channel in channels:
        for _ in range(2):
            make_delivery(channel)
    tasks.send_messages()
    told = [set(channel.deliveries.values_list("status", flat=True)) for channel in channels]
    assert told == [{"waiting"}, {"delivered"}, {"delivered"}]


@pytest.fixture
def go_on():
    return threading.Event()


@pytest.fixture
def stuck(answering, go_on):
    """A receiver that does not answer before it is told to."""
    return answering(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", go_on)


@pytest.mark.usefixtures("database_for_threads")
def test_28_while_one_waits_for_an_answer_polling_goes_on(stuck, go_on, make_channel, with_key, alice, sandbox):
    for _ in range(2):
        make_delivery(make_channel("webhook", url=stuck.url))
    key = with_key(alice).api_key
    ApiKey.objects.update(next_poll_at=timezone.now() - timedelta(minutes=1))
    sandbox.clear_requests()

    def send():
        tasks.send_messages()
        connection.close()

    worker = threading.Thread(target=send)
    worker.start()
    while not stuck.requests:
        assert worker.is_alive()
    tasks.send_messages()  # It leaves the other channel alone, rather than be stuck as well.
    tasks.poll_due_keys()
    assert len(stuck.requests) == 1
    assert sandbox.requests
    key.refresh_from_db()
    assert key.next_poll_at > timezone.now()
    go_on.set()
    worker.join(30)
    assert len(stuck.requests) == 2
