"""Fields that no form has: role, organization, owner, staff, active. Posted with every form, they do nothing."""

import pytest

from connectors_app.models import ApiKey, Connector, Invitation, Member, Operation
from tests.conftest import PASSWORD
from tests.connectors.changing import opened, url
from tests.connectors.stage import filled
from tests.members.conftest import NEW_PASSWORD, join, link

__all__ = ["link"]
STANDING = ("email", "role", "organization", "is_staff", "is_active", "bigdata_user_id")
PASSWORDS = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
LIMITS = {"email": "1", "investment_research": "2", "sharepoint": "3", "alert_after_failures": "2"}


@pytest.fixture
def wishes(mallory):
    """What a member would like to be."""
    to_mallory = ("organization", "organization_id", "owner", "member", "actor", "key_owner", "user", "created_by")
    wanted = dict.fromkeys(to_mallory[2:], mallory.pk) | dict.fromkeys(to_mallory[:2], mallory.organization_id)
    return wanted | {"role": "admin", "is_staff": "on", "is_superuser": "on", "bigdata_user_id": "user_mallory"}


def standing():
    return list(Member.objects.order_by("pk").values_list(*STANDING))


@pytest.mark.parametrize(
    ("address", "fields"),
    [
        ("/account/", {"time_zone": "Europe/Paris"}),
        ("/account/password/change/", PASSWORDS),
        ("/account/sessions/end-others/", {}),
        ("/keys/", {"api_key": "sandbox-alice"}),
        ("/keys/expiry/", {"expires_on": "2099-01-01"}),
        ("/connectors/new/email/", filled()),
    ],
)
def test_03_wishes_on_an_analysts_own_forms_are_ignored(desk, alice, wishes, address, fields):
    before = standing()
    assert desk.post(address, wishes | {"is_active": ""} | fields).status_code == 302
    assert [row[:-1] for row in standing()] == [row[:-1] for row in before]
    assert Member.objects.get(pk=alice.pk).bigdata_user_id in ("", "user_alice")
    assert {key.member for key in ApiKey.objects.all()} == {alice}
    assert {each.organization for each in (*Connector.objects.all(), *ApiKey.objects.all())} == {
        alice.organization
    }


@pytest.mark.parametrize("page", ["edit", "archive"])
def test_03_wishes_on_a_connectors_forms_are_ignored(desk, alice, inbox, wishes, page):
    before = standing()
    form = opened(desk, url(inbox, page)) | ({"label": "New"} if page == "edit" else {})
    assert desk.post(url(inbox, page), wishes | form).status_code == 302
    operation, now = Operation.objects.get(), Connector.objects.get()
    assert (operation.actor, operation.key_owner, operation.organization) == (alice, alice, alice.organization)
    assert (now.bigdata_user_id, now.organization) == (inbox.bigdata_user_id, alice.organization)
    assert standing() == before


def test_03_who_accepts_an_invitation_gets_what_it_offers_and_no_more(link, wishes, organization):
    join(link(), **wishes)
    carol = Member.objects.get(email="carol@example.com")
    assert (carol.role, carol.organization, carol.is_staff, carol.is_active) == (
        "analyst",
        organization,
        False,
        True,
    )


def test_03_an_invitation_is_to_ones_own_organization(admin, adam, wishes):
    admin.post("/members/invite/", wishes | {"email": "carol@example.com", "role": "analyst"})
    invitation = Invitation.objects.get()
    assert (invitation.organization, invitation.role) == (adam.organization, "analyst")
    assert (invitation.invited_by, invitation.accepted_by) == (adam, None)


@pytest.mark.parametrize(
    ("path", "expected"), [("role/support/", ("support", True)), ("deactivate/", ("analyst", False))]
)
def test_03_what_an_admin_does_is_what_the_page_says(admin, bob, wishes, path, expected):
    before = standing()
    admin.post(f"/members/{bob.pk}/{path}", wishes | {"is_active": "on"})
    changed = Member.objects.get(pk=bob.pk)
    assert (changed.role, changed.is_active) == expected
    assert (changed.organization, changed.is_staff, changed.bigdata_user_id) == (bob.organization, False, "")
    assert [row for row in standing() if row[0] != bob.email] == [row for row in before if row[0] != bob.email]


def test_03_limits_are_ones_own_organizations(admin, adam, mallory, wishes):
    admin.post("/organization/", wishes | LIMITS)
    adam.organization.refresh_from_db()
    mallory.organization.refresh_from_db()
    assert adam.organization.stale_after == {"email": 1, "investment_research": 2, "sharepoint": 3}
    assert mallory.organization.stale_after == {}


def test_03_a_disabled_key_stays_its_members(admin, make_key, bob, wishes):
    key = make_key(bob)
    admin.post(f"/keys/{key.pk}/disable/", wishes | {"status": "working"})
    key.refresh_from_db()
    assert (key.status, key.member, key.organization) == ("disabled", bob, bob.organization)
