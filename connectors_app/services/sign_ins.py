"""What the audit trail tells of sign-ins. Guessing must not flood it, so what strangers can repeat is bounded."""

import hashlib

from django.core.cache import cache

from connectors_app.choices import AuditAction, AuditResult
from connectors_app.models import Member
from connectors_app.services import audit

# Failures an hour for addresses that are no member's. Those of a member are bounded by the limits.
_STRANGERS_AN_HOUR = 500


def find_member(email: str) -> Member | None:
    """Who signs in with this address, active or not."""
    return Member.objects.select_related("organization").filter(email=email.strip().lower()).first()


def succeeded(member: Member, *, by: list[str]) -> None:
    """`by` names, in words, what the member signed in with."""
    audit.record(
        AuditAction.SIGNED_IN,
        organization=member.organization,
        actor=member,
        target=member,
        details={"by": by},
    )


def ended(member: Member) -> None:
    audit.record(AuditAction.SIGNED_OUT, organization=member.organization, actor=member, target=member)


def failed(login: str, *, reason: str) -> None:
    """Somebody who gave this address did not get in."""
    _record(AuditAction.SIGN_IN_FAILED, login, {"reason": reason}, AuditResult.FAILED)


def blocked(login: str, *, key: str, seconds: int, reason: str) -> None:
    """Too many attempts. Once per what is limited (`key`), until the limit lets go of it."""
    digest = hashlib.sha256(key.encode()).hexdigest()
    if cache.add(f"sign-in-blocked:{digest}", value=True, timeout=seconds):
        _record(AuditAction.SIGN_IN_BLOCKED, login, {"reason": reason}, AuditResult.REFUSED)


def confirmation_failed(member: Member, *, reason: str) -> None:
    """Somebody in the member's session could not confirm to be the member."""
    audit.record(
        AuditAction.REAUTHENTICATION_FAILED,
        organization=member.organization,
        actor=member,
        target=member,
        result=AuditResult.FAILED,
        details={"reason": reason},
    )


def _record(action: AuditAction, login: str, details: dict[str, str], result: AuditResult) -> None:
    member = find_member(login)
    if member is None and not _is_within_budget():
        return
    audit.record(
        action,
        organization=member.organization if member else None,
        actor_name=login.strip(),
        target=member,
        result=result,
        details=details,
    )


def _is_within_budget() -> bool:
    cache.add("sign-in-strangers", value=0, timeout=3600)
    try:
        return cache.incr("sign-in-strangers") <= _STRANGERS_AN_HOUR
    except ValueError:  # The hour ended in between.
        return True
