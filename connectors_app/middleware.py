"""What holds for every request: its id, its line in the log, what is refused at once, who may keep its answer."""

import logging
import re
import time
import zoneinfo
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.utils import timezone

from connectors_app.accounts.client_address import address_of
from connectors_app.services import audit
from connectors_app.telemetry.context import being_about
from connectors_app.telemetry.metrics import REQUESTS

logger = logging.getLogger("connectors_app.access")
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


_REQUEST_ID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PROBES = {"/healthz", "/readyz", "/metrics"}


class ProbesMiddleware:
    """What machines ask is answered without a look at who asks: not even a session is read."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info in _PROBES:
            request.COOKIES = {}
        return self.get_response(request)


class TrustedRequestIdMiddleware:
    """A request brings an id only where a proxy of ours may have given it; else django-guid, next, makes one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        if not (settings.TRUSTED_PROXIES and _REQUEST_ID.fullmatch(given)):
            request.META.pop("HTTP_X_REQUEST_ID", None)
        return self.get_response(request)


class AccessMiddleware:
    """One line in the log and one measurement for each request. Of its address only the route: no id, no query."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        with being_about(request):
            response = self.get_response(request)
            self._tell(request, response.status_code, time.perf_counter() - started)
        return response

    def _tell(self, request: HttpRequest, status: int, seconds: float) -> None:
        method = request.method if request.method in _METHODS else "other"
        match = request.resolver_match
        is_static = request.path_info.startswith(settings.STATIC_URL)
        route = match.route if match is not None else "static/" if is_static else "-"
        REQUESTS.labels(method, f"/{route}", f"{status // 100}xx").observe(seconds)
        # Only who is known already: asking would read the session.
        member = getattr(getattr(request, "_cached_user", None), "pk", None)
        told = {"method": method, "route": f"/{route}", "status": status, "ms": round(seconds * 1000)}
        logger.log(
            logging.DEBUG if is_static and status < 400 else logging.INFO,
            "%(method)s %(route)s %(status)d %(ms)d ms",
            told,
            extra=told | {"member": member},
        )


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
