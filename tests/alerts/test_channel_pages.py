"""Channels in the pages: added, tested before and after, changed, removed, by who has just signed in."""

import re

import pytest
from django.core import mail

from connectors_app.choices import AuditAction, DeliveryStatus
from connectors_app.models import AuditEntry, Channel, Member
from connectors_app.services.alerts.delivery import deliver
from tests.alerts.channels import CHANNELS, NEW, addresses, make_delivery, old_sign_in, recorded
from tests.alerts.conftest import LOGIN, make_messages
from tests.stored import everything_stored
from tests.webhooks.network import network

__all__ = ["network"]

HTMX = {"HX-Request": "true"}
FAILED = "Nothing but a test, which failed"
RULES = {"kinds": ["failing", "stale"], "types": ["investment_research"], "causes": ["credentials"]}


@pytest.fixture
def admin(adam, signed_in):
    return signed_in(adam)


@pytest.fixture
def where(receiver):
    """What to type, by kind of channel."""
    return {kind: {"name": "Data desk", **address} for kind, address in addresses(receiver).items()}


def page_of(channel, *more):
    return "/".join([f"{CHANNELS}{channel.pk}", *more, ""])


@pytest.mark.parametrize("kind", ["email", "webhook", "slack"])
def test_each_kind_can_be_chosen_and_added(admin, adam, where, kind):
    assert f'href="{NEW}{kind}/"' in admin.get(NEW).text
    answer = admin.post(f"{NEW}{kind}/", where[kind])
    channel = Channel.objects.get()
    assert answer.status_code == (200 if kind == "webhook" else 302)
    assert (channel.kind, channel.name, channel.organization) == (kind, "Data desk", adam.organization)
    assert (channel.is_enabled, channel.member) == (True, None)
    assert recorded(AuditAction.CHANNEL_ADDED) == [(adam, "Data desk", {"kind": kind})]
    assert admin.get(CHANNELS).text.count("data-channel=") == 1


@pytest.mark.parametrize("kind", ["email", "webhook", "slack"])
def test_what_was_added_sends_to_where_it_was_told(admin, where, receiver, kind):
    admin.post(f"{NEW}{kind}/", where[kind])
    answer = admin.post(page_of(Channel.objects.get(), "test"), follow=True)
    assert "The test was delivered." in answer.text
    sent = [message.to for message in mail.outbox] if kind == "email" else receiver.server.requests
    assert (
        sent[0] == ["desk@example.com"]
        if kind == "email"
        else sent[0].startswith(b"POST /hook?token=canary-token ")
    )


def test_there_is_no_fourth_kind(admin):
    assert {admin.get(f"{CHANNELS}{page}/pigeon/").status_code for page in ("new", "test")} == {404}
    assert admin.post(f"{NEW}pigeon/", {"name": "Loft"}).status_code == 404


def test_rules_are_kept_shown_in_words_and_ticked_when_it_is_changed(admin, alice, where):
    admin.post(f"{NEW}email/", where["email"] | RULES | {"owners": [alice.pk]})
    channel = Channel.objects.get()
    rules = {name: getattr(channel, name) for name in RULES}
    assert (rules, channel.owners) == (RULES, [alice.pk])
    words = "Failing, Stale of Broker research; cause: Login rejected; owner: alice@example.com"
    assert words in admin.get(CHANNELS).text
    form = admin.get(page_of(channel)).context["form"]
    assert {name: form[name].value() for name in (*RULES, "owners")} == RULES | {"owners": [alice.pk]}


def test_without_rules_it_hears_everything(admin, where):
    admin.post(f"{NEW}email/", where["email"])
    channel = Channel.objects.get()
    assert (channel.kinds, channel.types, channel.causes, channel.owners) == ([], [], [], [])
    assert '<td class="wrap" data-label="Sends">Everything</td>' in admin.get(CHANNELS).text


def test_many_members_are_folded_until_one_is_chosen_who_then_comes_first(admin, alice, make_channel, where):
    organization = alice.organization
    Member.objects.bulk_create(
        Member(email=f"a{number:03}@example.com", organization=organization) for number in range(300)
    )
    new = admin.get(f"{NEW}email/").text
    last = Member.objects.filter(organization=organization).order_by("email").last()
    chosen = admin.get(page_of(make_channel(owners=[last.pk]))).text
    assert "Choose among" in new
    assert 'name="owners"' in new
    assert "Choose among" not in chosen
    assert re.findall(r'name="owners" value="(\d+)"', chosen)[0] == str(last.pk)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"url": "http://hooks.example.com/x"}, "must begin with https://."),
        ({"url": "https://10.1.2.3/x"}, "The address is inside a private network."),
        ({"url": ""}, "Paste the address of the webhook."),
        ({"name": ""}, "Give it a name."),
        ({"name": "x" * 101}, "Use at most 100 characters; this has 101."),
        ({"kinds": ["burning"]}, "Select a valid choice. burning is not one of the available choices."),
    ],
)
def test_mistakes_are_told_at_their_fields(admin, where, fields, message):
    answer = admin.post(f"{NEW}slack/", where["slack"] | fields)
    [name] = fields
    assert message in str(answer.context["form"].errors[name])
    assert message in answer.text
    assert not Channel.objects.exists()


def test_the_same_form_again_adds_no_second_channel(admin, where):
    answers = [admin.post(f"{NEW}webhook/", where["webhook"]) for _ in range(2)]
    assert ["whsec_" in answer.text for answer in answers] == [True, False]
    assert "Another channel has this name." in answers[1].text
    assert Channel.objects.count() == 1


def test_another_organizations_names_are_free(admin, where, make_channel, mallory):
    make_channel()
    Channel.objects.update(organization=mallory.organization, name="Data desk")
    assert admin.post(f"{NEW}email/", where["email"]).status_code == 302


@pytest.mark.parametrize(("status", "outcome"), [(200, "The test was delivered."), (410, "410 Gone")])
def test_a_test_before_saving_comes_back_with_the_outcome_and_what_was_typed(
    admin, where, receiver, status, outcome
):
    receiver.status = status
    answer = admin.post(f"{CHANNELS}test/webhook/", where["webhook"] | RULES)
    assert outcome in answer.text
    form = answer.context["form"]
    assert {name: form[name].value() for name in ("name", *RULES)} == {"name": "Data desk"} | RULES
    assert "canary-token" not in answer.text
    assert [body["type"] for body in receiver.bodies] == ["test"]
    assert not Channel.objects.exists()


def test_with_htmx_a_test_answers_with_the_outcome_alone(admin, where, receiver):
    answer = admin.post(f"{CHANNELS}test/slack/", where["slack"], headers=HTMX)
    assert "The test was delivered." in answer.text
    assert "<form" not in answer.text
    assert "canary-token" not in answer.text
    receiver.status = 500
    assert "500 Internal Server Error" in admin.post(f"{CHANNELS}test/slack/", where["slack"], headers=HTMX).text


@pytest.mark.parametrize("kind", ["slack", "webhook"])
def test_saving_after_a_failed_test_says_so(admin, where, receiver, kind):
    receiver.status = 500
    tested = admin.post(f"{CHANNELS}test/{kind}/", where[kind], headers=HTMX)
    assert '<input type="hidden" name="test_failed" value="1">' in tested.text
    assert "last test failed" in admin.post(f"{NEW}{kind}/", where[kind] | {"test_failed": "1"}, follow=True).text
    assert FAILED in admin.get(CHANNELS).text


@pytest.mark.parametrize("then", ["a test that arrives", "another address"])
def test_the_list_tells_of_a_failed_test_until_there_is_better_news(admin, receiver, make_channel, then):
    receiver.status = 404
    channel = make_channel("slack", url=receiver.url)
    admin.post(page_of(channel, "test"))
    admin.post(page_of(channel), {"name": "Renamed", "url": "", "is_enabled": "on"})
    assert FAILED in admin.get(CHANNELS).text
    receiver.status = 200
    if then == "another address":
        admin.post(page_of(channel), {"name": "Renamed", "url": receiver.url, "is_enabled": "on"})
    else:
        admin.post(page_of(channel, "test"))
    assert "Nothing sent yet" in admin.get(CHANNELS).text


def test_a_host_that_is_not_found_is_named(admin, network):
    typed = {"name": "Desk", "url": "https://nowhere.example.com/hook"}
    answer = admin.post(f"{CHANNELS}test/webhook/", typed, headers=HTMX)
    assert "The host nowhere.example.com was not found, so nothing was sent." in answer.text


def test_a_test_needs_no_more_than_an_address(admin, receiver):
    mailed = admin.post(f"{CHANNELS}test/email/", {"email": "desk@example.com"}, headers=HTMX)
    nowhere = admin.post(f"{CHANNELS}test/webhook/", {"name": "Ours"}, headers=HTMX)
    inside = admin.post(f"{CHANNELS}test/webhook/", {"url": "https://127.0.0.2/"}, headers=HTMX)
    assert "The test was delivered." in mailed.text
    assert [message.to for message in mail.outbox] == [["desk@example.com"]]
    assert "Paste the address of the webhook." in nowhere.text
    assert "The address is inside a private network." in inside.text
    assert receiver.bodies == []


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_test_of_what_is_saved_tells_what_went_wrong(admin, receiver, make_channel, headers):
    receiver.status = 404
    channel = make_channel("webhook", url=receiver.url)
    answer = admin.post(page_of(channel, "test"), headers=headers, follow=True)
    assert "404 Not Found" in answer.text
    assert not channel.deliveries.exists()


def test_an_empty_address_keeps_the_one_that_is_there(admin, receiver, make_channel):
    channel = make_channel("slack", url=receiver.url)
    admin.post(page_of(channel), {"name": "Renamed", "url": "", "is_enabled": "on"})
    admin.post(page_of(channel, "test"))
    channel.refresh_from_db()
    assert (channel.name, len(receiver.bodies)) == ("Renamed", 1)


def test_another_address_takes_its_place(admin, receiver, make_channel, adam):
    channel = make_channel("slack", url="http://127.0.0.1:9/canary-old")
    change = {"name": channel.name, "url": receiver.url, "is_enabled": "on"}
    assert admin.post(page_of(channel), change).status_code == 302
    admin.post(page_of(channel, "test"))
    assert len(receiver.bodies) == 1
    assert [entry[:2] for entry in recorded(AuditAction.CHANNEL_CHANGED)] == [(adam, channel.name)]
    assert receiver.url.split("/")[2] in admin.get(page_of(channel)).text


def test_a_channel_without_the_tick_sends_nothing_until_it_has_it_again(admin, receiver, make_channel):
    channel = make_channel("slack", url=receiver.url)
    make_delivery(channel)
    admin.post(page_of(channel), {"name": channel.name})
    assert deliver(channel.pk) == 0
    assert "Waiting until the channel sends messages again" in admin.get(page_of(channel)).text
    admin.post(page_of(channel), {"name": channel.name, "is_enabled": "on"})
    assert deliver(channel.pk) == 1


def test_removing_says_first_what_will_not_be_sent(admin, make_channel, adam):
    channel = make_channel()
    for status in (DeliveryStatus.DELIVERED, DeliveryStatus.WAITING, DeliveryStatus.WAITING):
        make_delivery(channel, status)
    assert "2 messages still wait to be sent and will not be." in admin.get(page_of(channel, "remove")).text
    assert Channel.objects.exists()
    assert admin.post(page_of(channel, "remove"), follow=True).context["rows"] == []
    assert not Channel.objects.exists()
    assert [entry[:2] for entry in recorded(AuditAction.CHANNEL_REMOVED)] == [(adam, channel.name)]


def test_removing_says_what_is_in_no_message_yet(admin, make_channel, watch, alice):
    channel = make_channel()
    watch(alice).sync(0, LOGIN)
    assert make_messages(0) == []
    page = admin.get(page_of(channel, "remove")).text
    assert "1 thing that happened is not in a message yet and will not be told." in page
    assert "to be sent" not in page


def test_an_old_sign_in_sets_nothing_up(admin, where, receiver, make_channel):
    channel = make_channel("webhook", url=receiver.url)
    old_sign_in(admin)
    before, trail = list(Channel.objects.values()), AuditEntry.objects.count()
    for path in (
        NEW + "slack/",
        CHANNELS + "test/slack/",
        *(page_of(channel, *more) for more in ([], ["secret"], ["remove"])),
    ):
        answer = admin.post(path, where["slack"])
        assert answer.url.startswith("/account/reauthenticate/?next=%2Falerts%2Fchannels%2F")
        assert "canary-token" not in everything_stored()
    assert (list(Channel.objects.values()), AuditEntry.objects.count(), receiver.bodies) == (before, trail, [])


def test_with_htmx_too_an_old_sign_in_is_led_to_confirm_and_then_back_to_the_form(admin, where, receiver):
    old_sign_in(admin)
    answer = admin.post(f"{CHANNELS}test/slack/", where["slack"], headers=HTMX)
    assert (answer.content, receiver.bodies) == (b"", [])
    back = admin.post(answer.headers["HX-Redirect"], {"password": "correct horse battery"}, follow=True)
    assert back.redirect_chain[-1][0] == f"{NEW}slack/"


@pytest.mark.parametrize("page", [NEW, f"{CHANNELS}test/"])
def test_what_was_typed_but_for_the_address_waits_for_who_confirms(admin, where, alice, page):
    old_sign_in(admin)
    confirm = admin.post(f"{page}slack/", where["slack"] | RULES | {"owners": [alice.pk]})
    assert "canary-token" not in str(dict(admin.session))
    back = admin.post(confirm.url, {"password": "correct horse battery"}, follow=True)
    form = back.context["form"]
    assert {name: form[name].value() for name in ("name", *RULES)} == {"name": "Data desk"} | RULES
    assert form["owners"].value() == [str(alice.pk)]
    assert "Paste the address of the webhook." in back.text
    assert not Channel.objects.exists()
    assert not admin.get(f"{NEW}slack/").context["form"].is_bound


def test_what_was_typed_waits_for_its_own_form_alone(admin, make_channel):
    [one, other] = [make_channel(), make_channel()]
    Channel.objects.filter(pk=other.pk).update(name="Other")
    old_sign_in(admin)
    confirm = admin.post(page_of(one), {"name": "Renamed", "email": "new@example.com"})
    admin.post(confirm.url, {"password": "correct horse battery"})
    assert admin.get(page_of(other)).context["form"]["name"].value() == "Other"
    form = admin.get(page_of(one)).context["form"]
    assert [form[name].value() for name in ("name", "email", "is_enabled")] == [
        "Renamed",
        "new@example.com",
        False,
    ]


def test_looking_needs_no_confirmation_and_typing_is_not_in_vain(admin, make_channel):
    channel = make_channel()
    old_sign_in(admin)
    page = admin.get(page_of(channel))
    assert page.status_code == 200
    assert 'name="email"' not in page.text
    assert f"{page_of(channel)}?confirm=1" in page.text
    confirm = admin.get(f"{page_of(channel)}?confirm=1")
    back = admin.post(confirm.url, {"password": "correct horse battery"}, follow=True)
    assert 'name="email"' in back.text
