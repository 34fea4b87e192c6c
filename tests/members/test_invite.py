"""Inviting: one link, shown once and mailed, for one address and one role."""

import smtplib
from uuid import uuid4

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend

from connectors_app.choices import AuditAction
from connectors_app.models import Invitation, Member
from connectors_app.services.invitations import invite
from tests.members.conftest import join, link_in, path_of, recorded, sign_in
from tests.stored import everything_stored

URL = "/members/invite/"


class BrokenMail(BaseEmailBackend):
    def send_messages(self, messages):
        raise smtplib.SMTPServerDisconnected(messages[0].body)


def send(client, email="carol@example.com", role="analyst", **more):
    return client.post(URL, {"email": email, "role": role, **more})


def test_the_link_is_shown_and_mailed(admin, settings):
    settings.SITE_URL = "https://connectors.example"
    page = send(admin, " Carol@Example.COM ")
    [message] = mail.outbox
    link = f"https://connectors.example{link_in(page)}"
    assert link in page.text
    assert message.to == ["carol@example.com"]
    assert link in message.body
    assert link in message.alternatives[0].content
    assert sign_in() is False
    join(link_in(page))
    assert sign_in()


def test_the_page_with_the_link_is_kept_by_no_cache(admin):
    assert send(admin).headers["Cache-Control"] == "no-store, private"


def test_the_token_is_stored_and_logged_nowhere(admin, caplog):
    caplog.set_level("DEBUG")
    token = link_in(send(admin)).split("/")[2]
    assert len(token) >= 43
    admin.get("/members/")
    assert token not in everything_stored() + caplog.text


def test_the_same_form_again_shows_no_link_and_makes_no_second_invitation(admin):
    form_id = admin.get(URL).context["invitation_id"]
    first = link_in(send(admin, invitation_id=form_id))
    again = send(admin, "dave@example.com", invitation_id=form_id)
    assert "sent already" in again.text
    assert "/invitations/" not in again.text
    assert [each.email for each in Invitation.objects.all()] == ["carol@example.com"]
    assert len(mail.outbox) == 1
    assert join(first).status_code == 302


def test_an_id_of_another_organization_s_invitation_is_not_found(admin, mallory):
    theirs = invite(organization=mallory.organization, email="eve@example.com", role="analyst").invitation
    answer = send(admin, invitation_id=theirs.pk)
    assert answer.status_code == 404
    assert Invitation.objects.count() == 1


@pytest.mark.parametrize("invitation_id", ["", "nonsense", "0"])
def test_a_form_without_a_readable_id_still_invites(admin, invitation_id):
    link_in(send(admin, invitation_id=invitation_id))


def test_a_new_invitation_takes_the_place_of_the_open_one(admin):
    first, second = link_in(send(admin)), link_in(send(admin, role="support"))
    assert join(first).status_code == 404
    join(second)
    assert Member.objects.get(email="carol@example.com").role == "support"


def test_others_stay_open(admin):
    first = link_in(send(admin))
    send(admin, "dave@example.com")
    assert join(first).status_code == 302


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"email": ""}, "email"),
        ({"email": "carol"}, "email"),
        ({"email": "carol@example.com\nBcc: eve@example.com"}, "email"),
        ({"email": "c\0@example.com"}, "email"),
        ({"email": f"{'c' * 250}@example.com"}, "email"),
        ({"role": ""}, "role"),
        ({"role": "owner"}, "role"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(admin, fields, name):
    page = send(admin, **fields)
    assert list(page.context["form"].errors) == [name]
    assert not Invitation.objects.exists()
    assert mail.outbox == []


def test_a_member_is_not_invited(admin, alice):
    page = send(admin, "ALICE@example.com")
    assert page.context["form"].errors == {"email": ["alice@example.com is a member already."]}


def test_who_was_deactivated_is_reactivated_instead(admin, alice):
    Member.objects.filter(pk=alice.pk).update(is_active=False)
    assert "Reactivate them" in str(send(admin, "alice@example.com").context["form"].errors)


def test_a_member_of_another_organization_is_invited_like_anybody(admin, mallory):
    stranger, taken = (said(send(admin, email), email) for email in ("carol@example.com", mallory.email))
    assert stranger == taken
    assert [message.to for message in mail.outbox] == [["carol@example.com"], ["mallory@example.com"]]


def said(page, email):
    """The page's lines but for the address, and for those that hold the link, the form token or the nonce."""
    lines = page.text.replace(email, "…").split("\n")
    return [line for line in lines if not any(each in line.lower() for each in ("/invitations/", "csrf", "nonce"))]


def test_a_mail_that_cannot_be_sent_is_said_and_the_link_works(admin, settings, caplog):
    settings.EMAIL_BACKEND = "tests.members.test_invite.BrokenMail"
    page = send(admin)
    assert "The mail could not be sent" in page.text
    assert "We mailed" not in page.text
    assert link_in(page).split("/")[2] not in caplog.text
    assert join(link_in(page)).status_code == 302


def test_a_line_break_in_a_name_ends_no_header(admin, adam):
    type(adam.organization).objects.update(name="North\r\nBcc: eve@example.com\x1f\tDesk")
    send(admin)
    [message] = mail.outbox
    assert message.subject == "Invitation to North Bcc: eve@example.com Desk"
    assert message.recipients() == ["carol@example.com"]


def test_markup_in_a_name_is_inert_in_the_mail(admin, adam):
    type(adam.organization).objects.update(name="<img src=x>")
    send(admin)
    assert "<img" not in mail.outbox[0].alternatives[0].content


def test_the_audit_trail_tells_of_it(admin, adam):
    send(admin, role="support")
    [entry] = recorded(AuditAction.MEMBER_INVITED)
    assert (entry.actor, entry.organization, entry.target_name) == (adam, adam.organization, "carol@example.com")
    assert (entry.target_type, entry.target_id) == ("invitation", str(Invitation.objects.get().pk))
    assert entry.details == {"email": "carol@example.com", "role": "support", "replaces_an_open_one": False}
    send(admin)
    assert recorded(AuditAction.MEMBER_INVITED)[-1].details["replaces_an_open_one"] is True


def test_a_posted_organization_is_ignored(admin, adam, mallory):
    send(admin, organization=mallory.organization_id, invited_by=mallory.pk)
    invitation = Invitation.objects.get()
    assert (invitation.organization, invitation.invited_by) == (adam.organization, adam)


def revoke(client, invitation_id):
    return client.post(f"/members/invitations/{invitation_id}/revoke/", follow=True)


def test_a_revoked_invitation_is_worthless_and_off_the_list(admin, adam, link):
    path, invitation = link(), Invitation.objects.get()
    assert "carol@example.com" in admin.get("/members/").text
    revoke(admin, invitation.pk)
    assert "carol@example.com" not in admin.get("/members/").text
    assert join(path).status_code == 404
    assert [entry.actor for entry in recorded(AuditAction.INVITATION_REVOKED)] == [adam]


def test_revoking_what_is_no_longer_open_changes_nothing(admin, link):
    join(link())
    invitation = Invitation.objects.get()
    assert "no longer open" in revoke(admin, invitation.pk).text
    assert Invitation.objects.get().revoked_at is None
    assert recorded(AuditAction.INVITATION_REVOKED) == []


def test_an_unknown_invitation_cannot_be_revoked(admin):
    assert revoke(admin, uuid4()).status_code == 404


def test_the_command_line_s_invitation_names_an_operator(admin, organization):
    path_of(invite(organization=organization, email="carol@example.com", role="admin").link)
    assert "An operator" in admin.get("/members/").text
