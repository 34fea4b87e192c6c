"""Invitations: offered, shown once, accepted once, revoked.

All that changes who is in an organization, or may come in, waits for the organization's row: two at once see
each other's outcome.
"""

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from connectors_app.choices import AuditAction
from connectors_app.models import Invitation, Member, Organization
from connectors_app.models.invitation import InvitationQuerySet, hash_of
from connectors_app.services import audit

LIFETIME = timedelta(days=7)


class AlreadyMember(Exception):
    """The address is a member's of this organization; `message` says so, for people."""

    def __init__(self, member: Member) -> None:
        self.message = (
            f"{member.email} is a member already."
            if member.is_active
            else f"{member.email} is a deactivated member. Reactivate them on the members page instead."
        )
        super().__init__(self.message)


class AlreadySent(Exception):
    """The very form was sent before: `invitation` came of it. Its link was shown then, and is known no more."""

    def __init__(self, invitation: Invitation) -> None:
        super().__init__("This form was sent before.")
        self.invitation = invitation


class ForeignInvitation(Exception):
    """The form's id is that of another organization's invitation."""


class NotOpen(Exception):
    """No invitation of that link can be accepted: unknown, used, revoked, expired, or its address is taken.

    Which of these it is, is not told: a taken address may be another organization's member's.
    """


@dataclass(frozen=True, slots=True)
class Issued:
    """A new invitation with its link, which exists nowhere else."""

    invitation: Invitation
    link: str = field(repr=False)


def invite(
    *,
    organization: Organization,
    email: str,
    role: str,
    invited_by: Member | None = None,
    invitation_id: UUID | None = None,
) -> Issued:
    """Offer `role` to `email`, in the place of what was offered to it before and is still open.

    That the address may be a member's elsewhere is for accepting it to find out: it must not be told here.
    Raises ValidationError, AlreadyMember, AlreadySent and ForeignInvitation, and then nothing was changed.
    """
    now, token = timezone.now(), secrets.token_urlsafe(32)
    invitation = Invitation(
        pk=invitation_id or uuid4(),
        organization=organization,
        email=email.strip().lower(),
        role=role,
        token_hash=hash_of(token),
        invited_by=invited_by,
        created_at=now,
        expires_at=now + LIFETIME,
    )
    with transaction.atomic():
        Organization.lock(organization.pk)
        _refuse_repeated(invitation)
        invitation.full_clean()
        _refuse_member(invitation)
        replaced = _open_invitations(organization, now=now).filter(email=invitation.email).update(revoked_at=now)
        invitation.save(force_insert=True)
        details = {"email": invitation.email, "role": role, "replaces_an_open_one": bool(replaced)}
        _record(AuditAction.MEMBER_INVITED, invitation, actor=invited_by, details=details)
    return Issued(invitation, settings.SITE_URL + reverse("invitation", args=[token]))


def revoke(invitation: Invitation, *, actor: Member) -> bool:
    """Make its link worthless. Returns whether it still was worth something."""
    now = timezone.now()
    with transaction.atomic():
        Organization.lock(invitation.organization_id)
        revoked = _open_invitations(invitation.organization, now=now).filter(pk=invitation.pk)
        if not revoked.update(revoked_at=now):
            return False
        _record(AuditAction.INVITATION_REVOKED, invitation, actor=actor, details={"role": invitation.role})
    return True


def find_open(token: str) -> Invitation:
    """What a link offers. Raises NotOpen."""
    invitations = Invitation.objects.open(now=timezone.now()).of_link(token).select_related("organization")
    invitation = invitations.first()
    if invitation is None:
        raise NotOpen
    return invitation


def accept(token: str, *, password: str) -> Member:
    """Make the member that the link's invitation names, with a `password` that was found good enough.

    Of several at once, one succeeds. Raises NotOpen.
    """
    with transaction.atomic():
        Organization.lock(find_open(token).organization_id)
        invitation = find_open(token)
        member = _create_member(invitation, password)
        invitation.accepted_at, invitation.accepted_by = timezone.now(), member
        invitation.save(update_fields=["accepted_at", "accepted_by"])
        _record(AuditAction.INVITATION_ACCEPTED, invitation, actor=member, details={"role": member.role})
    return member


def _create_member(invitation: Invitation, password: str) -> Member:
    try:
        return Member.objects.create_member(
            email=invitation.email,
            organization=invitation.organization,
            role=invitation.role,
            password=password,
        )
    except (ValidationError, IntegrityError):  # the address is taken, perhaps by now only
        raise NotOpen from None


def _open_invitations(organization: Organization, *, now: datetime) -> InvitationQuerySet:
    return Invitation.objects.open(now=now).filter(organization=organization)


def _refuse_repeated(invitation: Invitation) -> None:
    earlier = Invitation.objects.filter(pk=invitation.pk).first()
    if earlier is None:
        return
    if earlier.organization_id != invitation.organization_id:
        raise ForeignInvitation
    raise AlreadySent(earlier)


def _refuse_member(invitation: Invitation) -> None:
    member = Member.objects.filter(email=invitation.email, organization=invitation.organization_id).first()
    if member is not None:
        raise AlreadyMember(member)


def _record(action: AuditAction, invitation: Invitation, *, actor: Member | None, details: dict[str, Any]) -> None:
    audit.record(
        action,
        organization=invitation.organization,
        actor=actor,
        target=invitation,
        target_name=invitation.email,
        details=details,
    )
