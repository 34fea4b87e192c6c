"""Another role, deactivation and reactivation."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core import mail
from django.db import connection
from django.test import Client

from connectors_app.choices import AuditAction, BulkAction, KeyStatus, Outcome, Role
from connectors_app.models import ApiKey, Bulk, BulkItem, Connector, Member
from connectors_app.permissions import may_change
from connectors_app.services import bulk_work, members
from connectors_app.services.members import LastAdmin
from tests.conftest import PASSWORD
from tests.members.conftest import key_of, recorded, sign_in, state_of


def url(member, what):
    return f"/members/{member.pk}/{what}/"


def fresh(member):
    return Member.objects.get(pk=member.pk)


def test_the_confirm_page_says_what_they_may_afterwards(admin, alice):
    page = admin.get(url(alice, "role/support"))
    assert page.context["gained"]
    assert page.context["lost"]
    for text in ("Analyst → Support", "Sees every connector and its errors", "create connectors"):
        assert text in page.text
    assert fresh(alice).role == "analyst"


def test_another_role_counts_at_once(admin, adam, alice, signed_in):
    hers = signed_in(alice)
    assert hers.get("/members/").status_code == 403
    admin.post(url(alice, "role/admin"))
    assert hers.get("/members/").status_code == 200
    [entry] = recorded(AuditAction.ROLE_CHANGED)
    assert (entry.actor, entry.target_id, entry.target_name) == (adam, str(alice.pk), "alice@example.com")
    assert entry.details == {"changes": {"role": ["analyst", "admin"]}}


def test_the_same_role_again_changes_and_records_nothing(admin, alice):
    admin.post(url(alice, "role/analyst"))
    assert recorded(AuditAction.ROLE_CHANGED) == []


def test_an_unknown_role_does_not_exist(admin, alice):
    assert admin.post(url(alice, "role/owner")).status_code == 404


def test_a_posted_role_is_ignored(admin, alice, mallory):
    admin.post(url(alice, "role/support"), {"role": "admin", "member": mallory.pk, "is_staff": "on"})
    assert (fresh(alice).role, fresh(alice).is_staff) == ("support", False)


def test_who_is_deactivated_is_out_everywhere_at_once(admin, alice, client):
    assert sign_in("alice@example.com", PASSWORD, client)
    admin.post(url(alice, "deactivate"))
    assert client.get("/").url == "/account/login/?next=/"
    assert not sign_in("alice@example.com", PASSWORD)
    assert fresh(alice).deactivated_at is not None


def test_a_session_of_theirs_does_not_come_back_with_them(admin, alice, client):
    assert sign_in("alice@example.com", PASSWORD, client)
    admin.post(url(alice, "deactivate"))
    admin.post(url(alice, "reactivate"))
    assert client.get("/").status_code == 302
    assert sign_in("alice@example.com", PASSWORD)
    assert fresh(alice).deactivated_at is None


def test_other_members_stay_signed_in(admin, alice, bob, client):
    assert sign_in("bob@example.com", PASSWORD, client)
    admin.post(url(alice, "deactivate"))
    assert client.get("/").status_code == 200


def test_nothing_of_theirs_is_deleted(admin, alice, see):
    connector = see(alice)
    admin.post(url(alice, "deactivate"))
    assert Connector.objects.filter(pk=connector.pk).exists()
    assert ApiKey.objects.filter(member=alice).exists()


def test_who_is_deactivated_can_choose_no_new_password(admin, alice):
    client = Client()
    client.post("/account/password/reset/", {"email": alice.email})
    reset = next(word for word in mail.outbox[0].body.split() if "/key/" in word)
    admin.post(url(alice, "deactivate"))
    form = client.get(reset, follow=True)
    fields = {"password1": "battery staple horse", "password2": "battery staple horse"}
    client.post(form.request["PATH_INFO"], fields)
    assert fresh(alice).check_password(PASSWORD)
    client.post("/account/password/reset/", {"email": alice.email})
    assert len(mail.outbox) == 1


def test_what_only_they_see_is_rejected_and_comes_back_with_them(admin, alice, bob, see):
    only, both = see(alice), see(alice, bob)
    admin.post(url(alice, "deactivate"))
    assert (state_of(only), state_of(both)) == ("key_rejected", "healthy")
    admin.post(url(alice, "reactivate"))
    assert state_of(only) == "healthy"


def test_a_key_that_was_not_working_is_not_used_again(admin, alice, see):
    only = see(alice)
    ApiKey.objects.update(status=KeyStatus.REJECTED)
    admin.post(url(alice, "deactivate"))
    admin.post(url(alice, "reactivate"))
    assert state_of(only) == "key_rejected"


def test_their_bulk_work_stops_even_in_the_middle_of_a_turn(admin, adam, alice, see):
    connectors = [see(alice), see(alice)]
    work = Bulk.objects.create(organization=alice.organization, actor=fresh(alice), action=BulkAction.ARCHIVE)
    BulkItem.objects.bulk_create(BulkItem(bulk=work, connector=each) for each in connectors)

    def deactivated_just_now(*_):
        """As if it came between two items of one turn: asked for the first, once it is too late to see it."""
        members.deactivate(fresh(alice), actor=adam)
        return False

    bulk_work.take_turn(work.organization_id, may_change=deactivated_just_now)
    told = set(work.items.values_list("outcome", "message"))
    assert told == {
        (Outcome.FAILED, "The member who asked for it may no longer do this with it."),
        (Outcome.FAILED, "The member who asked for it can no longer sign in."),
    }


def test_who_became_support_loses_the_bulk_work_of_an_analyst(admin, alice, see):
    see(alice)
    work = Bulk.objects.create(organization=alice.organization, actor=alice, action=BulkAction.ARCHIVE)
    BulkItem.objects.create(bulk=work, connector=Connector.objects.get())
    admin.post(url(alice, "role/support"))
    bulk_work.take_turn(work.organization_id, may_change=may_change)
    assert "may no longer do this" in work.items.get().message


def test_the_trail_tells_of_deactivation_and_reactivation(admin, adam, alice, bob, see):
    see(alice)
    see(alice, bob)
    for what in ("deactivate", "deactivate", "reactivate", "reactivate"):
        admin.post(url(alice, what))
    [out], [back] = recorded(AuditAction.MEMBER_DEACTIVATED), recorded(AuditAction.MEMBER_REACTIVATED)
    assert out.details == {"changes": {"is_active": [True, False]}, "connectors_nobody_else_sees": 1}
    assert back.details == {"changes": {"is_active": [False, True]}}
    assert {entry.actor for entry in (out, back)} == {adam}
    assert {entry.target_id for entry in (out, back)} == {str(alice.pk)}


def test_their_open_invitations_stay(admin, adam, alice, make_member, link, signed_in):
    path = link()
    eve = make_member("eve", "admin")
    signed_in(eve).post(url(adam, "deactivate"))
    assert Client().get(path).status_code == 200


@pytest.mark.parametrize("what", ["deactivate", "role/analyst", "role/support"])
def test_the_last_admin_stays(admin, adam, make_member, what):
    former = make_member("former", "admin")
    Member.objects.filter(pk=former.pk).update(is_active=False)
    page = admin.post(url(adam, what), follow=True)
    assert "this is the only one" in page.text
    assert (fresh(adam).is_active, fresh(adam).role) == (True, "admin")
    assert recorded(AuditAction.ROLE_CHANGED) + recorded(AuditAction.MEMBER_DEACTIVATED) == []


def remove_as_admin(member, change, *, actor):
    if change == "role":
        return members.change_role(member, Role.ANALYST, actor=actor)
    return members.deactivate(member, actor=actor)


@pytest.mark.parametrize("change", ["deactivate", "role"])
def test_who_became_the_last_admin_just_now_stays(adam, alice, change):
    """Her row was read before she became the one, and he was gone."""
    Member.objects.filter(pk=alice.pk).update(role="admin")
    Member.objects.filter(pk=adam.pk).update(is_active=False)
    with pytest.raises(LastAdmin):
        remove_as_admin(alice, change, actor=adam)
    assert (fresh(alice).role, fresh(alice).is_active) == ("admin", True)


def test_an_admin_of_another_organization_is_no_other_admin(admin, adam, mallory):
    admin.post(url(adam, "deactivate"))
    assert fresh(adam).is_active


def test_one_of_two_admins_may_leave(admin, adam, make_member):
    make_member("eve", "admin")
    answer = admin.post(url(adam, "deactivate"))
    assert answer.url == "/account/login/"
    assert not fresh(adam).is_active
    assert admin.get("/").status_code == 302


def test_one_of_two_admins_may_take_another_role(admin, adam, make_member):
    make_member("eve", "admin")
    assert admin.post(url(adam, "role/analyst"), follow=True).status_code == 200
    assert fresh(adam).role == "analyst"


@pytest.mark.parametrize("change", ["deactivate", "role"])
@pytest.mark.usefixtures("database_for_threads")
def test_admins_who_remove_each_other_at_the_very_same_time_leave_one(adam, make_member, change):
    admins = [adam, *(make_member(name, "admin") for name in ("eve", "ivan", "olga"))]
    together = threading.Barrier(len(admins))

    def remove(member):
        together.wait(10)
        try:
            return remove_as_admin(member, change, actor=adam)
        except LastAdmin:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(len(admins)) as pool:
        outcomes = sorted(pool.map(remove, admins))
    assert outcomes == [False, True, True, True]
    assert Member.objects.filter(role="admin", is_active=True).count() == 1


@pytest.mark.parametrize("path", ["role/support", "deactivate", "reactivate", None])
def test_changes_need_a_recent_sign_in(admin, alice, path):
    session = admin.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time() - 3600}]
    session.save()
    target = url(alice, path) if path else "/members/invite/"
    for answer in (admin.get(target), admin.post(target, {"email": "carol@example.com", "role": "admin"})):
        assert answer.status_code == 302
        assert "reauthenticate" in answer.url
    assert (fresh(alice).role, fresh(alice).is_active) == ("analyst", True)
    assert mail.outbox == []


def test_a_member_of_another_organization_cannot_be_touched(admin, mallory):
    for what in ("role/analyst", "deactivate", "reactivate"):
        assert admin.post(url(mallory, what)).status_code == 404
    assert (fresh(mallory).role, fresh(mallory).is_active) == ("admin", True)


def test_a_reactivated_member_s_key_is_due_at_once(admin, alice):
    key_of(alice)
    admin.post(url(alice, "deactivate"))
    ApiKey.objects.update(next_poll_at="2100-01-01T00:00Z")
    admin.post(url(alice, "reactivate"))
    assert ApiKey.objects.get().next_poll_at.year < 2100


def test_an_invitation_waits_for_who_confirms(admin):
    session = admin.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time() - 3600}]
    session.save()
    confirm = admin.post("/members/invite/", {"email": "carol@example.com", "role": "admin"})
    back = admin.post(confirm.url, {"password": "correct horse battery"}, follow=True)
    form = back.context["form"]
    assert (form["email"].value(), form["role"].value()) == ("carol@example.com", "admin")
    assert mail.outbox == []
