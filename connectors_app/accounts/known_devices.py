"""Browsers in which a member has signed in before: what is tried there is not held up by a stranger's guesses.

A signed cookie says so. It opens nothing by itself, and is void once the member's password is another one.
"""

import secrets
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

from connectors_app.models import Member

_SALT = "connectors_app.known_devices"
_SECONDS = 365 * 24 * 3600


def device_of(request: HttpRequest, login: str) -> str | None:
    """The browser's name, if the active member with this address has signed in there with today's password."""
    claims = _read(request.COOKIES.get(_cookie_name(), ""))
    if claims is None:
        return None
    device, member_id, fingerprint = claims
    member = Member.objects.filter(pk=member_id, email=login.strip().lower(), is_active=True).first()
    if member is None or not constant_time_compare(fingerprint, _fingerprint(member)):
        return None
    return str(device)


def remember(request: HttpRequest, member: Member) -> None:
    """Let the answer to this request carry the cookie."""
    device = device_of(request, member.email) or secrets.token_urlsafe(16)
    cookie = signing.dumps([device, member.pk, _fingerprint(member)], salt=_SALT)
    request.known_device_cookie = cookie  # type: ignore[attr-defined]  # (for `put_cookie`, once there is an answer)


def put_cookie(request: HttpRequest, response: HttpResponse) -> None:
    """Set the cookie of a browser that was just remembered."""
    cookie = getattr(request, "known_device_cookie", None)
    if cookie:
        response.set_cookie(
            _cookie_name(), cookie, max_age=_SECONDS, httponly=True, samesite="Lax", secure=settings.HTTPS
        )


def _cookie_name() -> str:
    return f"{settings.COOKIE_PREFIX}known_device"


def _read(cookie: str) -> Any:
    try:
        claims = signing.loads(cookie, salt=_SALT, max_age=_SECONDS)
    except signing.BadSignature:
        return None
    return claims


def _fingerprint(member: Member) -> str:
    return salted_hmac(_SALT, member.password, algorithm="sha256").hexdigest()
