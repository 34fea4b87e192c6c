"""How long one stays signed in."""

import time
from collections.abc import Callable

from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse

_KEY = "used_at"
# A session that is in use is written again at most so often. Seconds.
_NOTED_EVERY = 300


class SessionAgeMiddleware:
    """Ends a session that was not used for SESSION_IDLE seconds, or began SESSION_LIFETIME seconds ago."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and _is_over(request.session):
            logout(request)
        return self.get_response(request)


def _is_over(session: SessionBase) -> bool:
    """Notes, too, that the session is in use. A clock that was set back ends none."""
    now = int(time.time())
    signed_in = session.get(AUTHENTICATION_METHODS_SESSION_KEY) or [{"at": now}]
    began = signed_in[0]["at"]
    used = session.get(_KEY, began)
    if now - used > settings.SESSION_IDLE or now - began > settings.SESSION_LIFETIME:
        return True
    if abs(now - used) > _NOTED_EVERY:
        session[_KEY] = now
    return False
