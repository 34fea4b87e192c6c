"""How messages fared: in the list of channels, on a channel's page, and once more for those given up."""

from datetime import timedelta

import pytest
from django.utils import timezone

from connectors_app.choices import AuditAction, DeliveryStatus
from connectors_app.models import Channel
from connectors_app.services.alerts.delivery import deliver
from tests.alerts.channels import CHANNELS, make_delivery, recorded

GIVEN_UP = {"status": DeliveryStatus.GIVEN_UP, "attempts": 3, "message": "410 Gone"}
LATE = {"attempts": 2, "message": "No answer within 5 seconds"}


@pytest.fixture
def admin(adam, signed_in):
    return signed_in(adam)


def page_of(channel):
    return f"{CHANNELS}{channel.pk}/"


def last_message(admin):
    """What the list says of its one channel."""
    cell = admin.get(CHANNELS).text.partition('data-label="Last message">')[2].partition("</td>")[0]
    return " ".join(word for part in cell.split("<") for word in part.partition(">")[2].split())


def minutes_ago(minutes):
    return timezone.now() - timedelta(minutes=minutes, seconds=5)


def test_of_a_new_channel_nothing_is_told(admin, make_channel):
    channel = make_channel()
    assert last_message(admin) == "Nothing sent yet"
    assert "Nothing sent yet" in admin.get(page_of(channel)).text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"status": DeliveryStatus.DELIVERED, "attempts": 1}, "Delivered 7 min ago"),
        (GIVEN_UP, "Failed: 410 Gone, given up 7 min ago"),
        (
            GIVEN_UP | {"message": "The connection was refused"},
            "Failed: the connection was refused, given up 7 min ago",
        ),
    ],
)
def test_the_list_and_the_page_say_how_the_last_message_ended(admin, make_channel, fields, words):
    channel = make_channel()
    make_delivery(channel, DeliveryStatus.DELIVERED, created_at=minutes_ago(90), finished_at=minutes_ago(80))
    make_delivery(channel, finished_at=minutes_ago(7), **fields)
    assert last_message(admin) == words
    assert words.rpartition(" 7 min")[0] in admin.get(page_of(channel)).text


@pytest.mark.parametrize(
    ("fields", "next_try", "words"),
    [
        ({}, None, "Waiting to be sent"),
        (LATE, timedelta(minutes=4, seconds=30), "Waiting: no answer within 5 seconds, next try in 4 min"),
        (LATE, timedelta(seconds=20), "Waiting: no answer within 5 seconds, next try within a minute"),
        (LATE, None, "Waiting: no answer within 5 seconds, next try within a minute"),
        (
            LATE | {"message": "503 Service Unavailable"},
            None,
            "Waiting: 503 Service Unavailable, next try within a minute",
        ),
    ],
)
def test_what_waits_is_told_before_what_ended(admin, make_channel, fields, next_try, words):
    channel = make_channel()
    make_delivery(channel, **fields)
    make_delivery(channel, DeliveryStatus.DELIVERED)
    Channel.objects.update(next_try_at=next_try and timezone.now() + next_try)
    assert last_message(admin) == words
    assert words.partition(" in 4")[0] in admin.get(page_of(channel)).text


def test_of_several_that_wait_the_one_that_holds_up_the_others_is_told(admin, make_channel):
    channel = make_channel()
    for fields in (LATE, {}, {}):
        make_delivery(channel, **fields)
    assert last_message(admin) == "Waiting: no answer within 5 seconds, next try within a minute"


def test_a_channel_without_the_tick_shows_as_such(admin, make_channel):
    make_channel(is_enabled=False)
    assert "No</span>" in admin.get(CHANNELS).text.partition('data-label="Enabled">')[2].partition("</td>")[0]


def test_messages_come_newest_first_a_page_at_a_time(admin, make_channel):
    channel = make_channel()
    for _ in range(30):
        make_delivery(channel, DeliveryStatus.DELIVERED)
    shown = [admin.get(f"{page_of(channel)}?page={page}").context["deliveries"] for page in (1, 2)]
    numbers = [[delivery.number for delivery, _ in page] for page in shown]
    assert numbers == [list(range(30, 5, -1)), list(range(5, 0, -1))]


def test_a_message_that_was_given_up_is_sent_again_for_who_asks(admin, adam, make_channel, receiver):
    channel = make_channel("webhook", url=receiver.url)
    delivery = make_delivery(channel, **GIVEN_UP)
    page = admin.get(page_of(channel)).text
    assert page.count("Send again") == 1
    answer = admin.post(f"/alerts/deliveries/{delivery.pk}/replay/", follow=True)
    assert "The message is sent again as soon as its turn comes." in answer.text
    assert deliver(channel.pk) == 1
    assert [body["id"] for body in receiver.bodies] == [str(delivery.pk)]
    assert recorded(AuditAction.MESSAGE_REPLAYED) == [(adam, channel.name, {})]


@pytest.mark.parametrize("status", [DeliveryStatus.DELIVERED, DeliveryStatus.WAITING])
def test_no_other_message_is_sent_again(admin, make_channel, receiver, status):
    channel = make_channel("webhook", url=receiver.url)
    delivery = make_delivery(channel, status)
    assert "Send again" not in admin.get(page_of(channel)).text
    answer = admin.post(f"/alerts/deliveries/{delivery.pk}/replay/", follow=True)
    assert "there is nothing to send again" in answer.text
    delivery.refresh_from_db()
    assert delivery.status == status
    assert recorded(AuditAction.MESSAGE_REPLAYED) == []


@pytest.mark.parametrize("count", [2, 30])
def test_pages_ask_the_database_a_fixed_number_of_times(
    admin, alice, make_channel, django_assert_max_num_queries, count
):
    channels = [make_channel(owners=[alice.pk]) for _ in range(count)]
    for channel in channels:
        for status in (DeliveryStatus.DELIVERED, DeliveryStatus.WAITING):
            make_delivery(channel, status)
    for _ in range(count):
        make_delivery(channels[0], **GIVEN_UP)
    with django_assert_max_num_queries(5):
        admin.get(CHANNELS)
    with django_assert_max_num_queries(7):
        admin.get(page_of(channels[0]))
