"""Two-factor: what a member has set up, who must have it, and its secrets at rest.

allauth.mfa does the work; a member's authenticators are its `Authenticator` rows.
"""

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from connectors_app.choices import AuditAction, Role
from connectors_app.encryption import Place, Undecryptable, key_ring
from connectors_app.models import Member
from connectors_app.services import audit

SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
# allauth does not say whose secret it is, so all of them have one place.
MFA_PLACE = Place("mfa_authenticator", "", "", "secret")


class UnreadableSecret(Exception):
    """What a page carried was not made for this member."""


def second_factors(member: Member) -> QuerySet[Authenticator]:
    """What can stand beside the password; recovery codes only stand in for it."""
    factors: QuerySet[Authenticator] = Authenticator.objects.filter(user_id=member.pk, type__in=SECOND_FACTORS)
    return factors


def has_second_factor() -> Exists:
    """For a queryset of members: whether each has two-factor."""
    return Exists(Authenticator.objects.filter(user_id=OuterRef("pk"), type__in=SECOND_FACTORS))


def is_required_of(member: Member) -> bool:
    """Whether REQUIRE_MFA asks two-factor of this member."""
    return settings.REQUIRE_MFA == "all" or (settings.REQUIRE_MFA == "admins" and member.get_role() == Role.ADMIN)


def is_missing(member: Member) -> bool:
    """Whether the member must have two-factor and has none. `has_mfa` comes with who is signed in."""
    return is_required_of(member) and not member.has_mfa  # type: ignore[attr-defined]


def may_remove(authenticator: Authenticator) -> bool:
    """The last second factor of a member who must have one stays."""
    others = second_factors(authenticator.user).exclude(pk=authenticator.pk)
    is_second_factor = authenticator.type in SECOND_FACTORS
    return not (is_second_factor and is_required_of(authenticator.user) and not others.exists())


def lock(member: Member) -> None:
    """Whoever else changes this member's two-factor waits for the end of the transaction."""
    Member.objects.select_for_update(no_key=True).get(pk=member.pk)


def seal(secret: str) -> str:
    """The secret as it is stored."""
    return key_ring().encrypt(secret, MFA_PLACE)


def unseal(stored: str) -> str:
    """Raises Undecryptable; never falls back to anything."""
    return key_ring().decrypt(stored, MFA_PLACE)


def seal_pending(member: Member, secret: str) -> str:
    """The secret of an authenticator app that is being set up, for the member's form to carry."""
    return key_ring().encrypt(secret, _pending_place(member))


def unseal_pending(member: Member, carried: str) -> str:
    """Raises UnreadableSecret."""
    try:
        return key_ring().decrypt(carried, _pending_place(member))
    except Undecryptable as error:
        raise UnreadableSecret(str(error)) from None


def _pending_place(member: Member) -> Place:
    return Place("mfa_pending", member.organization_id, member.pk, "secret")


def record_added(member: Member, name: str, *, with_recovery_codes: bool) -> None:
    """`name` says which one, in words."""
    _record(member, AuditAction.MFA_ADDED, before=None, after=name)
    if with_recovery_codes:
        record_recovery_codes(member)


def record_removed(member: Member, name: str) -> None:
    _record(member, AuditAction.MFA_REMOVED, before=name, after=None)


def remove_all(member: Member) -> bool:
    """For who lost everything: they sign in by password again. False when there was nothing to remove."""
    with transaction.atomic():
        removed, _ = Authenticator.objects.filter(user_id=member.pk).delete()
        if removed:
            audit.record(
                AuditAction.MFA_REMOVED,
                organization=member.organization,
                target=member,
                details={"changes": {"two_factor": ["everything", None]}},
            )
    return bool(removed)


def record_recovery_codes(member: Member) -> None:
    audit.record(AuditAction.RECOVERY_CODES_MADE, organization=member.organization, actor=member, target=member)


def _record(member: Member, action: AuditAction, *, before: str | None, after: str | None) -> None:
    audit.record(
        action,
        organization=member.organization,
        actor=member,
        target=member,
        details={"changes": {"two_factor": [before, after]}},
    )
