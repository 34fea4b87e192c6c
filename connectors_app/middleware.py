"""Every request: what is refused at once, where it comes from, whose time zone it is, who may keep its answer."""

import zoneinfo
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.utils import timezone

from connectors_app.accounts.client_address import address_of
from connectors_app.services import audit

_ZONES = zoneinfo.available_timezones()
_METHODS = ["GET", "HEAD", "POST"]


class AnswerHeadersMiddleware:
    """What no library sets: other sites may not embed an answer, and nobody keeps one that is no static file."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        response.headers.setdefault("Cache-Control", "no-store, private")
        return response


class RefusalMiddleware:
    """What is answered before anything is looked at: other methods, and bodies that are too large."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in _METHODS:
            text = f"Only {', '.join(_METHODS)} are answered here."
            return HttpResponseNotAllowed(_METHODS, text, content_type="text/plain")
        if _body_length(request) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            return render(request, "413.html", status=413)
        return self.get_response(request)


class AuditMiddleware:
    """What a request makes the audit trail tell, it tells with the address the request came from."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with audit.coming_from(address_of(request)):
            return self.get_response(request)


class TimeZoneMiddleware:
    """Shows times in the viewer's zone: chosen, or the browser's by a cookie."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        browsers = request.COOKIES.get(f"{settings.COOKIE_PREFIX}timezone", "").replace("%2F", "/")
        zone = getattr(request.user, "time_zone", "") or browsers
        with timezone.override(zoneinfo.ZoneInfo(zone) if zone in _ZONES else timezone.get_default_timezone()):
            return self.get_response(request)


def _body_length(request: HttpRequest) -> int:
    """In bytes, as announced. What is not announced (chunked), Django does not read."""
    announced: str = request.META.get("CONTENT_LENGTH") or "0"
    return int(announced) if announced.isdecimal() else 0
