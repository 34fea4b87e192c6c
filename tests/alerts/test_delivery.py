"""Messages arrive at least once, in order and always with the same id; what can't be delivered says so."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.utils import timezone

from connectors_app.choices import DeliveryStatus
from connectors_app.models import Channel, Delivery
from connectors_app.services.alerts import handling
from connectors_app.services.alerts.delivery import attempt, deliver, deliver_due, due_channels
from connectors_app.webhooks import verify
from tests.stored import everything_stored


@pytest.fixture
def line_up():
    """Messages that wait in a channel's line."""

    def make(channel, count=1, **fields):
        now = timezone.now()
        incident = {
            "id": "1c8e", "event_id": "77aa", "number": 1, "type": "opened", "kind": "failing", "ending": "",
            "cause": "credentials", "since": now.isoformat(), "label": "Broker A", "error": "Login refused",
            "connector_id": "0190b4a2-0000-7000-8000-000000000000",
        }  # fmt: skip
        body = {"type": "opened", "incidents": [incident]}
        last = channel.deliveries.count()
        return [
            Delivery.objects.create(
                channel=channel,
                number=last + number,
                subject=f"Message {last + number}",
                body=body,
                give_up_at=now + timedelta(days=1),
                **fields,
            )
            for number in range(1, count + 1)
        ]

    return make


@pytest.fixture
def hook(make_channel, receiver):
    return make_channel("webhook", url=receiver.url)


def statuses():
    return list(Delivery.objects.order_by("number").values_list("status", flat=True))


def again():
    """The wait after trouble is over."""
    Channel.objects.update(next_try_at=None)


def test_they_arrive_in_order_and_once(hook, line_up, receiver):
    made = line_up(hook, 5)
    assert due_channels(now=timezone.now()) == [hook.pk]
    assert deliver(hook.pk) == 5
    assert [body["id"] for body in receiver.bodies] == [str(delivery.pk) for delivery in made]
    assert due_channels(now=timezone.now()) == []
    assert deliver(hook.pk) == 0


def test_a_webhook_is_signed(hook, line_up, receiver):
    line_up(hook)
    deliver(hook.pk)
    head, _, body = receiver.server.requests[0].partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    now = timezone.now().timestamp()
    assert verify("whsec_canary", body, headers["X-Signature"], now=now)
    assert not verify("another", body, headers["X-Signature"], now=now)
    assert headers["X-Event-Id"] == receiver.bodies[0]["id"]


def test_while_the_first_cannot_be_delivered_the_others_wait(hook, line_up, receiver):
    line_up(hook, 3)
    receiver.status = 503
    assert deliver(hook.pk) == 0
    assert (len(receiver.bodies), statuses()) == (1, ["waiting"] * 3)
    assert due_channels(now=timezone.now()) == []
    again()
    receiver.status = 200
    assert deliver(hook.pk) == 3
    assert receiver.bodies[0]["id"] == receiver.bodies[1]["id"]


def test_the_waits_get_longer_and_longer(hook, line_up, receiver):
    line_up(hook)
    receiver.status = 503
    waits = []
    for _ in range(14):
        again()
        deliver(hook.pk)
        waits.append((Channel.objects.get().next_try_at - timezone.now()).total_seconds())
    longest = [min(30 * 2**tries, 4 * 3600) for tries in range(14)]
    assert all(most / 2 - 5 <= wait <= most for wait, most in zip(waits, longest, strict=True))


def test_what_the_receiver_will_never_take_is_given_up_and_the_next_goes_on(hook, line_up, receiver):
    line_up(hook, 2)
    receiver.status = 410
    deliver(hook.pk)
    assert statuses() == ["given_up", "given_up"]
    assert Delivery.objects.first().message == "410 Gone"


def test_what_was_tried_for_a_day_is_given_up_and_can_be_sent_again(hook, line_up, receiver, adam):
    [delivery] = line_up(hook)
    Delivery.objects.update(give_up_at=timezone.now() - timedelta(minutes=1))
    receiver.status = 503
    deliver(hook.pk)
    assert statuses() == ["given_up"]
    receiver.status = 200
    handling.replay(Delivery.objects.get(), by=adam, now=timezone.now())
    handling.replay(Delivery.objects.get(), by=adam, now=timezone.now())
    assert deliver(hook.pk) == 1
    assert [body["id"] for body in receiver.bodies] == [str(delivery.pk)] * 2
    assert statuses() == ["delivered"]
    assert everything_stored().count("alerts.message_replayed") == 1


@pytest.mark.parametrize("status", [200, 503, 410])
def test_a_channel_that_is_removed_meanwhile_is_no_trouble(hook, line_up, receiver, status):
    [delivery] = line_up(hook)
    Channel.objects.all().delete()
    receiver.status = status
    assert not attempt(delivery)


def test_what_another_worker_has_delivered_meanwhile_stays_delivered(hook, line_up, receiver):
    [delivery] = line_up(hook)
    Delivery.objects.update(status="delivered")
    receiver.status = 503
    assert not attempt(delivery)
    assert statuses() == ["delivered"]
    assert Channel.objects.get().next_try_at is None


def test_what_nobody_foresaw_in_one_channel_keeps_nothing_from_the_others(make_channel, line_up, receiver):
    broken, well = make_channel("slack", url=receiver.url), make_channel("webhook", url=receiver.url)
    [delivery] = line_up(broken)
    delivery.body["incidents"] = [{"kind": "nobody knows"}]
    delivery.save()
    line_up(well)
    assert not deliver_due()
    assert [body["id"] for body in receiver.bodies] == [str(well.deliveries.get().pk)]


def test_one_worker_at_a_time_sends_to_a_channel(hook, line_up, receiver):
    line_up(hook)
    Channel.objects.update(lease_until=timezone.now() + timedelta(seconds=30))
    assert due_channels(now=timezone.now()) == []
    assert deliver(hook.pk) == 0
    Channel.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert deliver(hook.pk) == 1


def test_a_channel_that_is_switched_off_sends_nothing(hook, line_up, receiver):
    line_up(hook)
    Channel.objects.update(is_enabled=False)
    assert due_channels(now=timezone.now()) == []
    assert deliver(hook.pk) == 0
    assert receiver.bodies == []


def test_an_address_that_is_not_allowed_any_more_is_given_up(hook, line_up, receiver, settings):
    line_up(hook)
    settings.WEBHOOK_ALLOWED_HOSTS = []
    deliver(hook.pk)
    assert (statuses(), receiver.bodies) == (["given_up"], [])


def test_an_address_that_cannot_be_read_is_given_up(hook, line_up):
    line_up(hook)
    Channel.objects.update(url_ciphertext="v1:test1:AAAA:AAAA")
    deliver(hook.pk)
    assert Delivery.objects.get().message == "The stored address can't be read. Enter it again."


def test_the_address_and_the_secret_are_nowhere_but_encrypted(hook, line_up, receiver):
    line_up(hook)
    receiver.status = 410
    deliver(hook.pk)
    assert "canary" not in everything_stored()


def test_a_mail_says_it_in_text_and_as_a_page_and_keeps_its_id(make_channel, line_up):
    [delivery] = line_up(make_channel())
    deliver(delivery.channel_id)
    [sent] = mail.outbox
    assert (sent.to, sent.subject) == (["desk@example.com"], "Message 1")
    assert sent.extra_headers["Message-ID"] == f"<{delivery.pk}@testserver>"
    for text in (sent.body, sent.alternatives[0][0]):
        assert "Broker A" in text
        assert "Login rejected since" in text
        assert "http://testserver/connectors/0190b4a2-0000-7000-8000-000000000000/" in text


class Broken(EmailBackend):
    def send_messages(self, messages):
        raise ConnectionRefusedError("the mail: secret things")


def test_a_mail_that_no_server_takes_is_tried_again(make_channel, line_up, settings):
    [delivery] = line_up(make_channel())
    settings.EMAIL_BACKEND = f"{__name__}.Broken"
    deliver(delivery.channel_id)
    assert (Delivery.objects.get().message, statuses()) == ("No mail server has taken it", ["waiting"])
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    again()
    deliver(delivery.channel_id)
    assert Delivery.objects.get().status == DeliveryStatus.DELIVERED


def test_slack_gets_text_in_which_nothing_from_elsewhere_works(make_channel, line_up, receiver):
    channel = make_channel("slack", url=receiver.url)
    [delivery] = line_up(channel)
    delivery.body["incidents"][0] |= {"label": "<!channel> *bold*", "error": "<https://evil.example|click>"}
    delivery.save()
    deliver(channel.pk)
    [body] = receiver.bodies
    assert "<!channel>" not in body["text"]
    assert "<https://evil" not in body["text"]
    assert "<http://testserver/connectors/0190b4a2" in body["text"]
