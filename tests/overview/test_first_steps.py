"""What somebody new does next: their key, then a connector, then colleagues. One step at a time."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from connectors_app.choices import Role
from connectors_app.models import Invitation
from tests.connectors.many import plant_one
from tests.connectors.stage import text_of

KEY, CONNECTOR, COLLEAGUES = 'href="/keys/?next=', 'href="/connectors/new/', 'href="/members/invite/'


def steps(page):
    """Which next steps the page itself offers (its navigation aside)."""
    content = page.text.partition("<main")[2].partition("</main>")[0]
    return [step for step in (KEY, CONNECTOR, COLLEAGUES) if step in content]


@pytest.mark.parametrize("path", ["/", "/connectors/"])
@pytest.mark.parametrize("role", Role)
def test_who_has_no_key_and_sees_nothing_is_asked_for_a_key(signed_in, make_member, path, role):
    page = signed_in(make_member("ann", role)).get(path)
    assert steps(page) == [KEY]
    assert "Add your API key first" in text_of(page)
    assert ("create connectors for you" in text_of(page)) == (role != Role.SUPPORT)


def test_a_key_that_was_added_leads_back_to_the_next_step(signed_in, alice, sandbox):
    client = signed_in(alice)
    [link] = re.findall(r'href="(/keys/[^"]+)"', client.get("/").text.partition("<main")[2])
    assert link == "/keys/?next=/&amp;confirm=1"  # Who signed in long ago is asked for their password at once.
    page = client.post("/keys/", {"api_key": "sandbox-alice", "next": "/"}, follow=True)
    assert page.redirect_chain[-1][0] == "/"
    assert steps(page) == [CONNECTOR]


def test_who_sees_connectors_is_told_of_the_missing_key_in_passing(signed_in, bob, organization):
    plant_one(organization, share_with_org=True)
    page = signed_in(bob).get("/")
    assert "what you see comes from your colleagues' keys" in text_of(page)
    assert "Add your API key first" not in text_of(page)


@pytest.mark.parametrize("path", ["/", "/connectors/"])
def test_with_a_key_and_no_connector_the_step_is_a_connector(signed_in, with_key, adam, path):
    page = signed_in(with_key(adam)).get(path)
    assert steps(page) == [CONNECTOR]
    assert "No connectors yet" in text_of(page)


def test_support_with_a_key_waits_for_others(signed_in, with_key, sam):
    page = signed_in(with_key(sam)).get("/")
    assert steps(page) == []
    assert "When a member creates one, it shows here." in text_of(page)


def test_an_admin_alone_is_asked_to_invite_once_there_is_something_to_see(signed_in, with_key, adam):
    client = signed_in(with_key(adam))
    plant_one(adam.organization, bigdata_user_id="user_adam")
    page = client.get("/")
    assert "You are the only member of Northwind Research. Invite member" in text_of(page)
    assert COLLEAGUES in page.text
    assert "1 member has no API key" not in text_of(page)


def test_nobody_is_asked_to_invite_when_somebody_is_there_or_invited(signed_in, with_key, adam, make_member):
    client = signed_in(with_key(adam))
    plant_one(adam.organization)
    until = timezone.now() + timedelta(days=7)
    Invitation.objects.create(
        organization=adam.organization,
        email="new@example.com",
        role=Role.ANALYST,
        invited_by=adam,
        expires_at=until,
    )
    assert COLLEAGUES not in client.get("/").text
    Invitation.objects.all().delete()
    assert COLLEAGUES in client.get("/").text
    colleague = make_member("ann", Role.ANALYST)
    assert COLLEAGUES not in client.get("/").text
    assert COLLEAGUES not in signed_in(with_key(make_member("bob", Role.ANALYST))).get("/").text
    colleague.delete()


def test_an_admin_without_a_key_is_not_told_twice(signed_in, adam, make_member):
    assert "has no API key" not in text_of(signed_in(adam).get("/"))
    make_member("ann", Role.ANALYST)
    assert "2 members have no API key" in text_of(signed_in(adam).get("/"))
