"""The list of members, one member's page, and what hangs on who leaves."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.utils import timezone

from connectors_app.choices import BulkAction, KeyStatus, Role
from connectors_app.models import ApiKey, Bulk, Connector, Invitation, Member
from connectors_app.services.invitations import invite
from tests.members.conftest import key_of, sign_in


def listed(page):
    return [member.email for member in page.context["page_obj"]]


def shown(page):
    return " ".join(page.text.split())


def test_the_list_holds_the_organization_s_active_members(admin, alice, bob, mallory):
    Member.objects.filter(pk=bob.pk).update(is_active=False)
    page = admin.get("/members/")
    assert listed(page) == ["adam@example.com", "alice@example.com"]
    assert [member.email for member in page.context["deactivated"]] == ["bob@example.com"]
    assert "mallory" not in page.text


def test_the_list_tells_of_key_two_factor_and_connectors(admin, alice, bob, see):
    see(alice)
    see(alice)
    see(alice, archived=True)
    key_of(bob)
    ApiKey.objects.filter(member=bob).update(status=KeyStatus.REJECTED)
    Authenticator.objects.create(user=alice, type=Authenticator.Type.TOTP, data={})
    Authenticator.objects.create(user=bob, type=Authenticator.Type.RECOVERY_CODES, data={})
    page = admin.get("/members/")
    rows = {row.email.partition("@")[0]: row for row in page.context["page_obj"]}
    assert [(name, row.has_two_factor, row.owned) for name, row in rows.items()] == [
        ("adam", False, None),
        ("alice", True, 2),
        ("bob", False, None),
    ]
    assert "Working" in page.text
    assert "Rejected" in page.text


def test_the_number_of_connectors_leads_to_just_these(admin, alice, bob, see):
    see(alice, label="Hers")
    see(alice, archived=True)
    see(bob, label="His")
    row = next(row for row in admin.get("/members/").context["page_obj"] if row.email == alice.email)
    connectors = admin.get(f"/connectors/?owner={row.bigdata_user_id}").context["page_obj"].object_list
    assert [each.label for each in connectors] == ["Hers"]
    assert row.owned == 1


def test_the_last_sign_in_is_told(admin, alice):
    assert admin.get(f"/members/{alice.pk}/").context["colleague"].last_login is None
    sign_in("alice@example.com", "correct horse battery")
    assert admin.get(f"/members/{alice.pk}/").context["colleague"].last_login is not None


def test_open_invitations_are_listed_and_no_others(admin, organization, mallory):
    for name in ("open", "expired", "revoked", "used"):
        invite(organization=organization, email=f"{name}@example.com", role="analyst")
    invite(organization=mallory.organization, email="foreign@example.com", role="analyst")
    now = timezone.now()
    for name, field in {"expired": "expires_at", "revoked": "revoked_at", "used": "accepted_at"}.items():
        Invitation.objects.filter(email=f"{name}@example.com").update(**{field: now - timedelta(hours=1)})
    page = admin.get("/members/")
    assert [each.email for each in page.context["invitations"]] == ["open@example.com"]
    assert "foreign" not in page.text


def test_the_search_narrows_all_three(admin, alice, bob, organization):
    Member.objects.filter(pk=bob.pk).update(is_active=False)
    invite(organization=organization, email="carol@example.com", role="analyst")
    for q, found in {"ALICE": "alice", "bob": "bob", "carol": "carol"}.items():
        text = admin.get("/members/", {"q": q}).text.replace("adam@example.com", "")
        assert [name for name in ("alice", "bob", "carol") if f"{name}@example.com" in text] == [found]


@pytest.mark.parametrize("q", ["\0", "%", "_", "x" * 5000, "<script>alert(1)</script>"])
def test_an_odd_search_finds_nothing_and_breaks_nothing(admin, q):
    page = admin.get("/members/", {"q": q})
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert q == "\0" or "No member matches" in page.text


def test_who_may_not_manage_members_is_offered_nothing_of_it(alice, sam, admin, signed_in):
    assert 'href="/members/"' in admin.get("/").text
    for member in (alice, sam):
        assert "/members/" not in signed_in(member).get("/").text


@pytest.fixture(params=[1, 130])
def many(request, organization, adam):
    """Members of every kind, of each so many."""
    for active in (True, False):
        Member.objects.bulk_create(
            Member(organization=organization, email=f"{active}{number}@example.com", is_active=active)
            for number in range(request.param)
        )
    for number in range(request.param):
        invite(organization=organization, email=f"i{number}@example.com", role=Role.SUPPORT, invited_by=adam)
    return request.param


def test_the_list_asks_a_fixed_number_of_times(admin, many, django_assert_max_num_queries):
    with django_assert_max_num_queries(7):
        page = admin.get("/members/")
    assert page.context["page_obj"].paginator.num_pages == (2 if many > 100 else 1)
    assert len(page.context["invitations"]) == len(page.context["deactivated"]) == min(many, 100)


def test_a_members_page_asks_a_fixed_number_of_times(admin, alice, see, django_assert_max_num_queries):
    for _ in range(30):
        see(alice)
    for path in ("", "deactivate/"):
        with django_assert_max_num_queries(8):
            admin.get(f"/members/{alice.pk}/{path}")


def test_what_a_leaver_owns_and_what_nobody_else_sees(admin, alice, bob, see):
    see(alice, label="Only hers")
    see(alice, bob, label="Seen by Bob, too")
    see(alice, archived=True, label="Archived")
    see(alice, gone_at=timezone.now(), label="Gone")
    see(bob, label="His")
    for path in ("", "deactivate/"):
        report = admin.get(f"/members/{alice.pk}/{path}").context["report"]
        assert (report.owned, report.unwatched, report.only_seen) == (3, 1, 1)
        assert [each.label for each in report.first_unwatched] == ["Only hers"]


def test_what_colleagues_see_and_cannot_change_is_told(admin, alice, bob, see):
    see(alice, bob)
    see(alice, bob)
    see(alice, bob, deletion_asked_at=timezone.now())
    page = shown(admin.get(f"/members/{alice.pk}/"))
    assert "Colleagues go on seeing 2 of their connectors" in page
    assert "without it nobody can edit, archive or delete them" in page


def test_a_disabled_key_leads_to_where_it_is_enabled(admin, alice):
    key = key_of(alice)
    page = f"/members/{alice.pk}/"
    enable = f'href="/keys/{key.pk}/enable/"'
    assert enable not in admin.get(page).text
    assert 'href="/keys/organization/"' in admin.get(page).text
    ApiKey.objects.filter(pk=key.pk).update(status=KeyStatus.DISABLED, disabled_at=timezone.now())
    assert enable in admin.get(page).text


def test_a_colleague_s_connector_that_only_their_key_watches_is_told(admin, alice, bob, see):
    see(bob, alice, label="Bob's")
    assert admin.get(f"/members/{alice.pk}/").context["report"].unwatched == 0
    ApiKey.objects.filter(member=bob).update(status=KeyStatus.REJECTED)
    report = admin.get(f"/members/{alice.pk}/").context["report"]
    assert (report.owned, [each.label for each in report.first_unwatched]) == (0, ["Bob's"])


def test_a_deactivated_colleague_s_key_watches_nothing(admin, alice, bob, see):
    see(alice, bob)
    Member.objects.filter(pk=bob.pk).update(is_active=False)
    assert admin.get(f"/members/{alice.pk}/").context["report"].unwatched == 1


def test_another_organization_s_key_watches_nothing_here(admin, alice, mallory, see):
    connector = see(alice)
    see(mallory, connector_id=connector.connector_id, label="Theirs")
    report = admin.get(f"/members/{alice.pk}/").context["report"]
    assert [each.label for each in report.first_unwatched] == ["Desk"]


def test_a_long_list_is_cut_and_says_so(admin, alice, see):
    for number in range(25):
        see(alice, label=f"Desk {number}")
    page = admin.get(f"/members/{alice.pk}/")
    assert "these 25" in shown(page)
    assert "and 5 more" in shown(page)


def test_what_they_own_is_archived_in_bulk_after_a_confirm(admin, adam, alice, see):
    see(alice, label="Hers")
    report = admin.get(f"/members/{alice.pk}/").context["report"]
    page = admin.post("/bulk/new/", {"action": "archive", "all_matching": report.owned_query})
    assert "Archive 1 connector" in shown(page)
    assert not Bulk.objects.filter(action=BulkAction.ARCHIVE).exists()


def test_a_member_whose_bigdata_user_is_unknown_owns_nothing_known(admin, alice, see):
    see(alice)
    Member.objects.update(bigdata_user_id="")
    Connector.objects.update(bigdata_user_id="")
    page = admin.get(f"/members/{alice.pk}/")
    assert "not known yet" in page.text
    assert page.context["report"].owned == 0
    assert page.context["colleague"].owned is None


def test_a_member_s_page_offers_what_can_be_done_with_them(admin, alice):
    page = admin.get(f"/members/{alice.pk}/")
    for what in ("role/admin/", "role/support/", "deactivate/"):
        assert f"/members/{alice.pk}/{what}" in page.text
    Member.objects.filter(pk=alice.pk).update(is_active=False, deactivated_at=timezone.now())
    page = admin.get(f"/members/{alice.pk}/")
    assert f"/members/{alice.pk}/reactivate/" in page.text
    assert "/deactivate/" not in page.text


def test_who_deactivates_themselves_is_addressed(admin, adam, alice):
    Member.objects.filter(pk=alice.pk).update(role=Role.ADMIN)
    page = shown(admin.get(f"/members/{adam.pk}/deactivate/"))
    assert "You are signed out everywhere at once" in page
    assert "Only another admin can let you in again." in page
    assert "They are signed out" not in page
    assert 'type="submit" class="btn btn-danger' in page


def test_the_only_admin_is_told_why_they_stay(admin, adam, bob):
    Member.objects.filter(pk=bob.pk).update(role=Role.ADMIN, is_active=False)
    page = admin.get(f"/members/{adam.pk}/")
    assert "You are the only active admin" in page.text
    assert "/deactivate/" not in page.text
    assert "/role/" not in page.text
    confirm = admin.get(f"/members/{adam.pk}/deactivate/").text
    assert "You are the only active admin" in confirm
    assert "btn-danger" not in confirm
