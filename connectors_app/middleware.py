"""What holds for every answer to a signed-in member."""

import zoneinfo
from collections.abc import Callable
from typing import Any

from allauth.core.exceptions import ReauthenticationRequired
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from connectors_app.accounts import confirm_first
from connectors_app.client_address import address_of
from connectors_app.models import Member
from connectors_app.services import audit, two_factor

_ZONES = zoneinfo.available_timezones()
# What is open to a member who must set up two-factor first; pages for everybody (sign-out, theme) are as well.
_WITHOUT_TWO_FACTOR = {
    "account",
    "account_change_password",
    "account_reauthenticate",
    "account_set_password",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_index",
}


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


class TwoFactorMiddleware:
    """A member who must have two-factor (REQUIRE_MFA) and has none gets no further than setting it up."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], *_: Any
    ) -> HttpResponseBase | None:
        if not isinstance(request.user, Member) or not two_factor.is_missing(request.user):
            return None
        if not getattr(view, "login_required", True) or _page(request) in _WITHOUT_TWO_FACTOR:
            return None
        if request.headers.get("HX-Request"):
            return HttpResponse(headers={"HX-Redirect": reverse("mfa_index")})
        return redirect("mfa_index")


class ConfirmationMiddleware:
    """Where allauth asks to confirm who it is, it would keep what was posted in the session. We keep nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        return confirm_first(request) if isinstance(exception, ReauthenticationRequired) else None


def _page(request: HttpRequest) -> str | None:
    return request.resolver_match.view_name if request.resolver_match else None
