"""What holds for the account pages, and what sends people there."""

from collections.abc import Callable
from typing import Any

from allauth.core.exceptions import ReauthenticationRequired
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse

from connectors_app.accounts import known_devices
from connectors_app.accounts.confirming import confirm_first
from connectors_app.accounts.member_limits import TooOften
from connectors_app.models import Member
from connectors_app.services import two_factor

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


class SignInMiddleware:
    """Remembers browsers, and says 429 where a limit refused."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        known_devices.put_cookie(request, response)
        seconds = getattr(request, "retry_after", None)
        if seconds:
            response.status_code = 429
            response["Retry-After"] = str(seconds)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return _too_often(request, exception) if isinstance(exception, TooOften) else None


class SignedInMiddleware(LoginRequiredMiddleware):
    """As Django's; but a part of a page takes the page to signing in and back, and never becomes that form."""

    def handle_no_permission(  # type: ignore[override]  # the stubs want a redirect by status
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponse:
        htmx = request.htmx  # type: ignore[attr-defined]
        if not htmx:
            return super().handle_no_permission(request, view_func)
        page = htmx.current_url_abs_path or reverse("overview")
        return HttpResponse(headers={"HX-Redirect": redirect_to_login(page).url})


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


def _too_often(request: HttpRequest, refusal: TooOften) -> HttpResponse:
    """A page; for a part of a page a note on top of it, and the part stays as it is."""
    page, headers = "429.html", {}
    if request.headers.get("HX-Request"):
        page, headers = "components/_too_often.html", {"HX-Retarget": "#content", "HX-Reswap": "afterbegin"}
    text = render_to_string(page, {"message": refusal.message}, request)
    return HttpResponse(text, headers=headers)


def _page(request: HttpRequest) -> str | None:
    return request.resolver_match.view_name if request.resolver_match else None
