"""Accepting an invitation: what the link offers and nothing else, once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from connectors_app.choices import AuditAction
from connectors_app.models import Invitation, Member
from connectors_app.services.invitations import invite
from tests.members.conftest import NEW_PASSWORD, join, path_of, recorded, sign_in
from tests.stored import everything_stored


def members():
    return Member.objects.filter(email="carol@example.com")


def test_the_page_names_organization_address_and_role(client, link):
    page = client.get(link(role="support"))
    for text in ("Northwind Research", "carol@example.com", "support", "Sees every connector and its errors"):
        assert text in page.text


def test_who_accepts_becomes_a_member_and_signs_in_like_everybody(client, link, organization):
    answer = client.post(link(role="support"), {"password": NEW_PASSWORD}, follow=True)
    assert answer.redirect_chain == [("/account/login/", 302)]
    assert "Your account is ready" in answer.text
    assert answer.context["form"]["login"].value() == "carol@example.com"
    assert client.get("/").status_code == 302
    member = members().get()
    assert (member.organization, member.role, member.is_active) == (organization, "support", True)
    assert sign_in()


def test_what_else_is_posted_is_ignored(link, mallory):
    join(
        link(),
        role="admin",
        organization=mallory.organization_id,
        email="eve@example.com",
        is_staff="on",
        invited_by=mallory.pk,
    )
    member = Member.objects.exclude(pk=mallory.pk).latest("pk")
    assert (member.email, member.role, member.is_staff) == ("carol@example.com", "analyst", False)
    assert member.organization != mallory.organization


def test_a_link_works_once(link):
    path = link()
    join(path)
    assert join(path, "another staple horse").status_code == 404
    assert members().count() == 1
    assert not sign_in(password="another staple horse")
    assert sign_in()


@pytest.mark.parametrize("password", ["", "tiny", "password1234", "carol@example.com"])
def test_a_weak_password_is_refused_at_its_field_and_the_link_still_works(client, link, password):
    path = link()
    page = client.post(path, {"password": password})
    assert list(page.context["form"].errors) == ["password"]
    assert not members().exists()
    assert join(path).status_code == 302


def test_a_password_is_taken_as_it_was_typed(link):
    join(link(), f" {NEW_PASSWORD} ")
    assert not sign_in(password=NEW_PASSWORD)
    assert sign_in(password=f" {NEW_PASSWORD} ")


def test_the_password_is_shown_stored_and_logged_nowhere(client, link, caplog):
    caplog.set_level("DEBUG")
    path = link()
    refused = client.post(path, {"password": "canary"})
    client.post(path, {"password": "canary-battery-staple"})
    assert members().exists()
    assert "canary" not in refused.text + everything_stored() + caplog.text


def revoked():
    Invitation.objects.update(revoked_at=timezone.now())


def expired():
    Invitation.objects.update(expires_at=timezone.now())


def used():
    Invitation.objects.update(accepted_at=timezone.now())


def unknown():
    Invitation.objects.all().delete()


def taken():
    """A member of another organization has the address by now."""
    elsewhere = Member.objects.get(email="mallory@example.com").organization
    Member.objects.create_member(email="carol@example.com", organization=elsewhere, role="analyst")


@pytest.mark.parametrize("spoil", [revoked, expired, used, unknown, taken])
def test_whatever_spoils_a_link_sounds_the_same(link, mallory, spoil):
    path = link()
    spoil()
    before = Member.objects.count()
    answer = join(path)
    assert answer.status_code == 404
    assert "or its email address can&#x27;t be used here" in answer.text.replace("can't", "can&#x27;t")
    assert "carol" not in answer.text
    assert "Northwind" not in answer.text
    assert Member.objects.count() == before


@pytest.mark.parametrize("spoil", [revoked, expired, used, unknown])
def test_a_spoilt_link_shows_no_form(client, link, spoil):
    path = link()
    spoil()
    page = client.get(path)
    assert page.status_code == 404
    assert 'name="password"' not in page.text


def test_that_an_address_is_taken_elsewhere_does_not_show_before_somebody_accepts(client, organization, mallory):
    issued = invite(organization=organization, email="mallory@example.com", role="analyst")
    assert 'name="password"' in client.get(path_of(issued.link)).text


def test_an_invitation_lasts_seven_days(link):
    link()
    assert Invitation.objects.get().expires_at - Invitation.objects.get().created_at == timedelta(days=7)


def test_who_is_signed_in_is_told_to_sign_out(admin, link):
    path = link()
    for page in (admin.get(path), admin.post(path, {"password": NEW_PASSWORD})):
        assert "sign out first" in page.text
    assert not members().exists()


def test_the_token_reaches_no_log_no_referrer_and_no_cache(link, caplog):
    caplog.set_level("DEBUG")
    path = link()
    strict = Client(enforce_csrf_checks=True)
    page = strict.get(path)
    strict.post(path, {"password": NEW_PASSWORD})
    strict.put(path)
    revoked()
    strict.get(path)
    assert "/invitations/…" in caplog.text
    assert path.split("/")[2] not in caplog.text
    assert page.headers["Referrer-Policy"] == "strict-origin"
    assert "no-store" in page.headers["Cache-Control"]
    assert not page.cookies.keys() - {"csrftoken"}


def test_the_audit_trail_says_who_joined(link):
    join(link(role="support"))
    [entry] = recorded(AuditAction.INVITATION_ACCEPTED)
    assert (entry.actor, entry.actor_role, entry.address) == (members().get(), "support", "127.0.0.1")
    assert (entry.target_type, entry.target_name) == ("invitation", "carol@example.com")
    assert Invitation.objects.get().accepted_by == members().get()


@pytest.mark.usefixtures("database_for_threads")
def test_two_tabs_at_the_very_same_time_make_one_member(link):
    path, together = link(), threading.Barrier(4)

    def accept(_):
        together.wait(10)
        try:
            return join(path).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(accept, range(4)))
    assert answers == [302, 404, 404, 404]
    assert members().count() == 1
    assert len(recorded(AuditAction.INVITATION_ACCEPTED)) == 1
