"""Where a member is signed in: listed by allauth.usersessions, ended by deleting Django's session."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from connectors_app.choices import AuditAction
from connectors_app.models import Member
from connectors_app.services import audit

# When the session was last used, as far as that was noted. Seconds since 1970.
USED_AT = "used_at"
_Values = SessionBase | Mapping[str, Any]
# The first that fits: each names itself after what it is made of, or pretends to be.
_BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "Firefox/|FxiOS/": "Firefox",
    "Chrome/|CriOS/": "Chrome",
    "Safari/": "Safari",
}
_SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}


@dataclass(frozen=True, slots=True)
class SignedInAt:
    """One place where a member is signed in."""

    id: int
    browser: str
    address: str
    since: datetime
    is_current: bool


def sessions_of(member: Member, *, current_key: str | None) -> list[SignedInAt]:
    """The member's live sessions: this one first, then the newest."""
    rows = [
        SignedInAt(
            each.pk, browser_in_words(each.user_agent), each.ip, each.created_at, each.session_key == current_key
        )
        for each in _live(member)
    ]
    return sorted(rows, key=lambda row: (not row.is_current, -row.since.timestamp()))


def rows_of(member: Member, *, except_key: str | None) -> QuerySet[UserSession]:
    """The member's sessions other than the current one."""
    rows: QuerySet[UserSession] = UserSession.objects.filter(user_id=member.pk)
    return rows.exclude(session_key=except_key)


def end(member: Member, rows: Iterable[UserSession]) -> int:
    """End these sessions of the member and record it; how many there were."""
    with transaction.atomic():
        ended = delete(rows)
        if ended:
            audit.record(
                AuditAction.SESSIONS_ENDED,
                organization=member.organization,
                actor=member,
                target=member,
                details={"sessions": ended},
            )
    return ended


def has_run_out(session: _Values, *, now: float) -> bool:
    """Whether nobody used it for SESSION_IDLE seconds, or it began SESSION_LIFETIME seconds ago."""
    is_idle = now - last_used(session, now=now) > settings.SESSION_IDLE
    is_old = now - _began(session, now=now) > settings.SESSION_LIFETIME
    return bool(is_idle or is_old)


def last_used(session: _Values, *, now: float) -> float:
    """When somebody last clicked, as far as that was noted; else when they signed in. Seconds since 1970."""
    return float(session.get(USED_AT, _began(session, now=now)))


def _began(session: _Values, *, now: float) -> float:
    signed_in = session.get(AUTHENTICATION_METHODS_SESSION_KEY) or [{"at": now}]
    return float(signed_in[0]["at"])


def forget_over(*, now: datetime) -> int:
    """Delete the rows of sessions that ran out. How many there were."""
    ended, _ = Session.objects.filter(expire_date__lt=now).delete()
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
    return ended


def delete(rows: Iterable[UserSession]) -> int:
    """Forget these sessions: whoever has one is out at the next click. How many there were."""
    keys = {each.session_key for each in rows}
    ended, _ = Session.objects.filter(session_key__in=keys).delete()
    UserSession.objects.filter(session_key__in=keys).delete()
    return ended


def browser_in_words(user_agent: str) -> str:
    """Such as "Firefox on Windows"; what says nothing known is told as such."""
    browser = _first(_BROWSERS, user_agent) or "Unknown browser"
    system = _first(_SYSTEMS, user_agent)
    return f"{browser} on {system}" if system else browser


def _live(member: Member) -> list[UserSession]:
    """Those that have not run out and know the member's password of today."""
    rows = {each.session_key: each for each in UserSession.objects.filter(user_id=member.pk)}
    stored = Session.objects.filter(session_key__in=rows, expire_date__gt=timezone.now())
    known, now = member.get_session_auth_hash(), timezone.now().timestamp()
    values = {each.session_key: each.get_decoded() for each in stored}
    return [
        rows[key]
        for key, session in values.items()
        if session.get(HASH_SESSION_KEY) == known and not has_run_out(session, now=now)
    ]


def _first(names: dict[str, str], user_agent: str) -> str:
    return next((name for pattern, name in names.items() if re.search(pattern, user_agent)), "")
