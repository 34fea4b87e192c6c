"""The organization's settings."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from connectors_app.forms.organization import LimitsForm
from connectors_app.permissions import Permission, current_member, requires
from connectors_app.services.stale_limits import set_limits


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.CHANGE_LIMITS)
def organization(request: HttpRequest) -> HttpResponse:
    """When connectors are stale, and when failing is an incident."""
    member = current_member(request)
    form = LimitsForm(request.POST or None, organization=member.organization)
    if request.method == "POST" and form.is_valid():
        failures = form.cleaned_data["alert_after_failures"]
        set_limits(member.organization, form.days(), alert_after_failures=failures, by=member, now=timezone.now())
        messages.success(request, "The limits are saved, and hold from now on.")
        return redirect("organization")
    return render(request, "organization/page.html", {"form": form})
