"""A forgotten password: the link by mail, and what follows when it is used.

Who asks gets the same answer whatever the address; what depends on it is done by the worker.
"""

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.urls import reverse

from connectors_app.choices import AuditAction, AuditResult
from connectors_app.models import Member
from connectors_app.services import audit, mail, sessions
from connectors_app.services.sign_ins import find_member


def send_link(email: str) -> None:
    """Mail the active member with this address a one-time link. Nobody else is written to."""
    member = find_member(email)
    if member is None:
        return
    if member.is_active:
        context = {"email": member.email, "password_reset_url": _link(member), "hours": _hours()}
        subject, text = mail.render("account/email/password_reset_key", context)
        mail.send(to=member.email, subject=subject, text=text)
    audit.record(
        AuditAction.PASSWORD_RESET_ASKED,
        organization=member.organization,
        actor_name=member.email,
        target=member,
        result=AuditResult.SUCCEEDED if member.is_active else AuditResult.REFUSED,
    )


def finish(member: Member) -> None:
    """End every session of the member and record it. Part of the transaction that saves the new password."""
    ended = sessions.delete(sessions.rows_of(member, except_key=None))
    audit.record(
        AuditAction.PASSWORD_RESET,
        organization=member.organization,
        actor=member,
        target=member,
        details={"sessions_ended": ended},
    )


def _link(member: Member) -> str:
    key = default_token_generator.make_token(member)
    parts = {"uidb36": user_pk_to_url_str(member), "key": key}
    return f"{settings.SITE_URL}{reverse('account_reset_password_from_key', kwargs=parts)}"


def _hours() -> int:
    return int(settings.PASSWORD_RESET_TIMEOUT // 3600)
