"""A member's own account, and where they are signed in."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from connectors_app.accounts import single_sign_on
from connectors_app.accounts.confirming import recent_sign_in_required
from connectors_app.forms.account import TimeZoneForm, zone_names
from connectors_app.permissions import Permission, current_member, find, requires
from connectors_app.services import sessions as service
from connectors_app.services import two_factor


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.MANAGE_OWN_ACCOUNT)
def account(request: HttpRequest) -> HttpResponse:
    """POST stores the member's time zone."""
    member = current_member(request)
    form = TimeZoneForm(
        request.POST if request.method == "POST" else None, initial={"time_zone": member.time_zone}
    )
    if request.method == "POST" and form.is_valid():
        member.time_zone = form.cleaned_data["time_zone"]
        member.save(update_fields=["time_zone"])
        zone = member.time_zone or "the time zone of your browser"
        messages.success(request, f"Times are now shown in {zone.replace('_', ' ')}.")
        return redirect("account")
    context = {
        "single_sign_on": settings.OIDC_NAME if single_sign_on.is_configured() else "",
        "form": form,
        "zones": zone_names(),
        "factors": two_factor.second_factors(member).count(),
        "two_factor_missing": two_factor.is_missing(member),
        "session_count": len(service.sessions_of(member, current_key=request.session.session_key)),
    }
    return render(request, "account/page.html", context)


@require_safe
@requires(Permission.MANAGE_OWN_ACCOUNT)
def sessions(request: HttpRequest) -> HttpResponse:
    rows = service.sessions_of(current_member(request), current_key=request.session.session_key)
    return render(request, "usersessions/page.html", {"sessions": rows, "others": len(rows) > 1})


@require_POST
@requires(Permission.MANAGE_OWN_ACCOUNT)
@recent_sign_in_required
def session_end(request: HttpRequest, session_id: int) -> HttpResponse:
    member = current_member(request)
    own = service.rows_of(member, except_key=request.session.session_key)
    service.end(member, [find(member, own, session_id)])
    messages.success(request, "Signed out there.")
    return redirect("sessions")


@require_POST
@requires(Permission.MANAGE_OWN_ACCOUNT)
@recent_sign_in_required
def sessions_end_others(request: HttpRequest) -> HttpResponse:
    member = current_member(request)
    service.end(member, service.rows_of(member, except_key=request.session.session_key))
    messages.success(request, "Signed out everywhere else.")
    return redirect("sessions")
