"""What holds for every request: where it comes from, whose time zone it is, who may keep the answer."""

import zoneinfo
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from connectors_app.accounts.client_address import address_of
from connectors_app.services import audit

_ZONES = zoneinfo.available_timezones()


class AuditMiddleware:
    """What a request makes the audit trail tell, it tells with the address the request came from."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with audit.coming_from(address_of(request)):
            return self.get_response(request)


class SignedInMiddleware:
    """Shows times in the viewer's zone (chosen, or the browser's by a cookie) and keeps pages out of caches."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        browsers = request.COOKIES.get("timezone", "").replace("%2F", "/")
        zone = getattr(request.user, "time_zone", "") or browsers
        with timezone.override(zoneinfo.ZoneInfo(zone) if zone in _ZONES else timezone.get_default_timezone()):
            response = self.get_response(request)
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
            response["Cache-Control"] = "no-store, private"
        return response
