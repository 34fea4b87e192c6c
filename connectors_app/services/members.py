"""Members of an organization: their roles, and who is in.

Nobody is ever deleted, and an organization keeps an admin: each change waits for the organization's row, so that
two admins who remove each other at the same moment do not both succeed.
"""

from typing import Any

from django.db import transaction
from django.utils import timezone

from connectors_app.choices import AuditAction, Role
from connectors_app.models import ApiKey, Connector, Member, Organization
from connectors_app.services import audit, sessions, snapshots
from connectors_app.services.alerts import incidents
from connectors_app.services.offboarding import unwatched_without


class LastAdmin(Exception):
    """The change would leave the organization without an admin; `message` says what to do, for people."""

    message = "An organization needs an active admin, and this is the only one. Make somebody else an admin first."


def change_role(member: Member, role: Role, *, actor: Member) -> bool:
    """Give the member another role. Returns whether it is another. Raises LastAdmin."""
    with transaction.atomic():
        Organization.lock(member.organization_id)
        member.refresh_from_db(fields=["role", "is_active"])
        before = member.get_role()
        if before == role:
            return False
        _keep_an_admin(member)
        member.role = role
        member.save(update_fields=["role"])
        _record(AuditAction.ROLE_CHANGED, member, actor, {"changes": {"role": [before.value, role.value]}})
    return True


def deactivate(member: Member, *, actor: Member) -> bool:
    """End the member's access at once: sessions, sign-in and the use of their API key. What they did stays.

    Returns whether they were active. Raises LastAdmin.
    """
    with transaction.atomic():
        Organization.lock(member.organization_id)
        member.refresh_from_db(fields=["role", "is_active"])
        if not member.is_active:
            return False
        _keep_an_admin(member)
        unwatched = unwatched_without(member, among=Connector.objects.of(member.organization)).count()
        _set_active(member, active=False)
        sessions.delete(sessions.rows_of(member, except_key=None))
        details = {"changes": {"is_active": [True, False]}, "connectors_nobody_else_sees": unwatched}
        _record(AuditAction.MEMBER_DEACTIVATED, member, actor, details)
    return True


def reactivate(member: Member, *, actor: Member) -> bool:
    """Let the member sign in again, with the password they had. Returns whether they could not."""
    with transaction.atomic():
        # The key before the organization, the order in which storing a key takes them.
        ApiKey.objects.filter(member=member).update(next_poll_at=timezone.now())
        Organization.lock(member.organization_id)
        member.refresh_from_db(fields=["role", "is_active"])
        if member.is_active:
            return False
        _set_active(member, active=True)
        details = {"changes": {"is_active": [False, True]}}
        _record(AuditAction.MEMBER_REACTIVATED, member, actor, details)
    return True


def is_only_admin(member: Member) -> bool:
    """Whether nobody else could look after the members."""
    if member.get_role() != Role.ADMIN or not member.is_active:
        return False
    others = Member.objects.filter(organization=member.organization_id, role=Role.ADMIN, is_active=True)
    return not others.exclude(pk=member.pk).exists()


def _keep_an_admin(member: Member) -> None:
    """Raises LastAdmin where the member is the only one."""
    if is_only_admin(member):
        raise LastAdmin


def _set_active(member: Member, *, active: bool) -> None:
    """With the states of what only their key sees."""
    now = timezone.now()
    member.is_active, member.deactivated_at = active, None if active else now
    member.save(update_fields=["is_active", "deactivated_at"])
    api_key = ApiKey.objects.filter(member=member).first()
    if api_key is not None:
        snapshots.settle_states_of(api_key, now=now)
        incidents.follow_key(member, now=now)


def _record(action: AuditAction, member: Member, actor: Member, details: dict[str, Any]) -> None:
    audit.record(action, organization=member.organization, actor=actor, target=member, details=details)
