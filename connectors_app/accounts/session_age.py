"""How long one stays signed in."""

import time
from collections.abc import Callable

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

from connectors_app.services.sessions import USED_AT, has_run_out, last_used

# A session that is in use is written again at most so often. Seconds.
_NOTED_EVERY = 300


class SessionAgeMiddleware:
    """Ends a session that was not used for SESSION_IDLE seconds, or began SESSION_LIFETIME seconds ago."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            now = int(time.time())
            if has_run_out(request.session, now=now):
                logout(request)
            elif abs(now - last_used(request.session, now=now)) > _NOTED_EVERY:
                request.session[USED_AT] = now
        return self.get_response(request)
