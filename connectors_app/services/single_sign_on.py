"""Whom the identity provider says somebody is, and which member that is.

The provider names people by an identity (`sub`) and a verified address. The address decides, as it does for a
forgotten password; the identity is kept so that the trail tells when another one comes in with the address.
"""

from allauth.socialaccount.models import SocialAccount
from django.db import transaction
from django.db.models import Q

from connectors_app.choices import AuditAction
from connectors_app.models import Member
from connectors_app.services import audit, sign_ins

PROVIDER = "sso"


class NotAMember(Exception):
    """Nobody who may come in; the message is for the audit trail."""


def member_of(*, email: str, is_verified: bool) -> Member:
    """The active member with this verified address. Raises NotAMember, and records it."""
    member = sign_ins.find_member(email)
    reason = ""
    if not is_verified:
        reason = "the identity provider has not verified the address"
    elif member is None:
        reason = "no member"
    elif not member.is_active:
        reason = "deactivated"
    if member is None or reason:
        sign_ins.failed(email, reason=f"single sign-on: {reason}")
        raise NotAMember(reason)
    return member


def link(member: Member, *, identity: str) -> SocialAccount:
    """The row that joins the member and the identity, made where it is not there yet."""
    ours = SocialAccount.objects.filter(provider=PROVIDER)
    known = ours.filter(user=member, uid=identity).first()
    if known:
        return known
    with transaction.atomic():
        before = ours.filter(user=member).values_list("uid", flat=True).first()
        ours.filter(Q(user=member) | Q(uid=identity)).delete()
        account = SocialAccount.objects.create(provider=PROVIDER, user=member, uid=identity)
        audit.record(
            AuditAction.SINGLE_SIGN_ON_LINKED,
            organization=member.organization,
            actor=member,
            target=member,
            details={"changes": {"identity": [before, identity]}},
        )
    return account
