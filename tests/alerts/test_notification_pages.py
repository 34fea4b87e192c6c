"""My notifications: how soon each member wants to hear of what, when no mail is to come, and what came of it."""

from datetime import time

import pytest

from connectors_app.choices import DeliveryStatus, IncidentKind
from connectors_app.models import Channel, Connector
from connectors_app.services.alerts.handling import follow
from connectors_app.services.alerts.routing import own_channel
from tests.alerts.channels import make_delivery
from tests.connectors.stage import text_of
from tests.errors import conftest as of_errors

failing = of_errors.failing

URL = "/alerts/notifications/"
AT_ONCE = dict.fromkeys(IncidentKind.values, "now")
QUIET = {"quiet_from": "22:00", "quiet_to": "07:30"}


@pytest.fixture
def page(alice, signed_in):
    return signed_in(alice)


def shown(page):
    form = page.get(URL).context["form"]
    return {field.name: field.value() for field in form.kinds}


def test_at_first_everything_is_told_at_once_and_looking_stores_nothing(page):
    assert shown(page) == AT_ONCE
    assert not Channel.objects.exists()


def test_the_page_says_in_figures_what_it_is_about(page, alice, bob, failing):
    for _ in range(3):
        failing(alice)
    shared = [failing(bob, share_with_org=True) for _ in range(2)]
    assert "about the 3 connectors that you own, and your API key." in text_of(page.get(URL))
    for connector in shared:
        follow(connector, member=alice)
    Connector.objects.filter(pk=shared[0].pk).update(share_with_org=False)  # She hears no more of it.
    assert "about the 3 connectors that you own, the 1 that you follow, and" in text_of(page.get(URL))
    Connector.objects.filter(bigdata_user_id=alice.bigdata_user_id).update(archived=True)
    assert "about the 1 connector that you follow, and your API key." in text_of(page.get(URL))


@pytest.mark.parametrize(
    ("who", "way"),
    [
        ("sam", "or ask an admin to add your address as a channel for all connectors."),
        ("adam", "or add the address as a channel for all connectors."),
    ],
)
def test_who_owns_and_follows_none_is_told_that_nothing_will_come(request, signed_in, alice, failing, who, way):
    failing(alice)
    text = text_of(signed_in(request.getfixturevalue(who)).get(URL))
    assert "nothing about connectors will come" in text
    assert f"Press Follow on the page of a connector , {way}" in text


def test_choices_and_quiet_hours_are_kept_and_shown(page, alice):
    chosen = AT_ONCE | {"stale": "daily", "gone": "never"}
    answer = page.post(URL, chosen | QUIET, follow=True)
    assert "Your notifications are saved." in answer.text
    channel = Channel.objects.get(member=alice)
    assert (channel.choices, channel.quiet_from, channel.quiet_to) == (chosen, time(22), time(7, 30))
    assert shown(page) == chosen
    assert 'value="22:00"' in answer.text


def test_quiet_hours_end_when_both_fields_are_emptied(page, alice):
    page.post(URL, AT_ONCE | QUIET)
    page.post(URL, AT_ONCE | {"quiet_from": "", "quiet_to": ""})
    channel = Channel.objects.get(member=alice)
    assert (channel.quiet_from, channel.quiet_to) == (None, None)


@pytest.mark.parametrize(
    ("fields", "name", "message"),
    [
        ({"quiet_from": "22:00"}, "quiet_to", "Quiet hours need both a beginning and an end."),
        ({"quiet_to": "00:00"}, "quiet_from", "Quiet hours need both a beginning and an end."),
        ({"quiet_from": "22:00", "quiet_to": "22:00"}, "quiet_to", "This is when they begin."),
        (
            {"quiet_from": "late", "quiet_to": "07:00"},
            "quiet_from",
            "Write a time as hours and minutes, such as 22:00.",
        ),
        ({"failing": "sometimes"}, "failing", "sometimes is not one of the available choices."),
        ({"failing": ""}, "failing", "This field is required."),
    ],
)
def test_mistakes_are_told_at_their_fields_and_store_nothing(page, fields, name, message):
    answer = page.post(URL, AT_ONCE | fields)
    assert [message in str(errors) for errors in answer.context["form"].errors.values()] == [True]
    assert list(answer.context["form"].errors) == [name]
    assert message in answer.text
    assert not Channel.objects.exists()


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("Europe/Madrid", "in Europe/Madrid</a>"),
        ("America/New_York", "in America/New York</a>"),
        ("", "in UTC: <a"),
    ],
)
def test_the_page_says_in_which_zone_it_counts(page, alice, zone, words):
    alice.time_zone = zone
    alice.save()
    assert words in page.get(URL).text


def test_ones_own_latest_mails_show_how_they_fared(page, alice, bob, make_channel):
    make_delivery(own_channel(alice), DeliveryStatus.DELIVERED, subject="Feed: login rejected")
    make_delivery(own_channel(alice), attempts=1, message="No mail server has taken it", subject="Feed: stale")
    make_delivery(own_channel(bob), subject="Bob's")
    make_delivery(make_channel(), subject="The organization's")
    answer = page.get(URL).text
    assert "Delivered" in answer
    assert "Waiting: no mail server has taken it, next try within a minute" in answer
    assert answer.index("Feed: stale") < answer.index("Feed: login rejected")
    assert "Bob&#x27;s" not in answer
    assert "The organization&#x27;s" not in answer


def test_no_more_than_the_newest_ten_mails_are_listed(page, alice, django_assert_max_num_queries):
    for _ in range(15):
        make_delivery(own_channel(alice))
    with django_assert_max_num_queries(6):
        mails = page.get(URL).context["mails"]
    assert [delivery.number for delivery, _ in mails] == list(range(15, 5, -1))


def test_03_nobodys_choices_but_ones_own_are_changed(page, alice, bob, mallory):
    wishes = {
        "member": bob.pk,
        "organization": mallory.organization_id,
        "email": "eve@example.com",
        "is_enabled": "",
    }
    page.post(URL, AT_ONCE | {"failing": "never"} | wishes | {"kind": "slack"})
    channel = Channel.objects.get()
    assert (channel.member, channel.organization, channel.kind) == (alice, alice.organization, "email")
    assert (channel.email, channel.is_enabled, channel.choices["failing"]) == ("", True, "never")


@pytest.mark.parametrize(("who", "sees"), [("alice", False), ("sam", False), ("adam", True)])
def test_only_who_manages_channels_has_their_tab(request, signed_in, who, sees):
    page = signed_in(request.getfixturevalue(who))
    assert ('href="/alerts/channels/"' in page.get(URL).text) is sees
