"""What follows when a member has chosen another password."""

from connectors_app.choices import AuditAction
from connectors_app.models import Member
from connectors_app.services import audit, sessions


def record_password_change(member: Member, *, current_key: str | None) -> None:
    """End the member's other sessions and record the change. Part of the transaction that saves the password."""
    ended = sessions.delete(sessions.rows_of(member, except_key=current_key))
    audit.record(
        AuditAction.PASSWORD_CHANGED,
        organization=member.organization,
        actor=member,
        target=member,
        details={"sessions_ended": ended},
    )
