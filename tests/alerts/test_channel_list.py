"""The list of channels: whose they are, in which order, and what they hear of, in words."""

import re

import pytest

from connectors_app.models import Channel
from tests.alerts.channels import CHANNELS, NEW

NAME = re.compile(r'<th scope="row"[^>]*><a [^>]*>([^<]+)</a>')


@pytest.fixture
def admin(adam, signed_in):
    return signed_in(adam)


def name(channel, words):
    Channel.objects.filter(pk=channel.pk).update(name=words)


def test_channels_come_by_name_and_none_is_another_organizations(admin, make_channel, mallory):
    for words in ("Quay", "Harbour", "Pier"):
        name(make_channel(), words)
    Channel.objects.filter(pk=make_channel().pk).update(organization=mallory.organization)
    assert NAME.findall(admin.get(CHANNELS).text) == ["Harbour", "Pier", "Quay"]


def test_without_any_there_is_one_thing_to_do(admin):
    page = admin.get(CHANNELS).text
    assert "No channels yet" in page
    assert page.count(f'href="{NEW}"') == 1


@pytest.mark.parametrize(
    ("rules", "words"),
    [
        ({"types": ["email", "sharepoint"]}, "Everything of Email inbox, SharePoint"),
        ({"kinds": ["failing", "stale", "gone", "key_rejected", "not_deleted"]}, "Key rejected and 1 more"),
        ({"causes": ["not_found"]}, "Everything; cause: Not found"),
        ({"owners": [99_999]}, "Everything; owner: somebody who left"),
    ],
)
def test_what_a_channel_hears_of_is_told_in_words(admin, make_channel, rules, words):
    make_channel(**rules)
    assert words in admin.get(CHANNELS).text


def test_many_owners_are_counted(admin, make_channel, alice, bob, sam, mallory):
    make_channel(owners=[each.pk for each in (alice, bob, sam, mallory)])
    page = admin.get(CHANNELS).text
    assert "owner: alice@example.com, bob@example.com, sam@example.com and 1 more" in page
    assert "mallory" not in page


def test_who_is_deactivated_is_offered_as_owner_only_where_they_are_chosen(admin, make_channel, alice, bob):
    for each in (alice, bob):
        each.is_active = False
        each.save()
    form = admin.get(f"{CHANNELS}{make_channel(owners=[bob.pk]).pk}/").context["form"]
    assert [email for _, email in form.fields["owners"].choices] == ["bob@example.com", "adam@example.com"]
