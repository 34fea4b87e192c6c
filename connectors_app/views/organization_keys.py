"""The keys of the organization: who has none, whose is rejected; disabling and enabling them."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from connectors_app.accounts.confirming import recent_sign_in_required
from connectors_app.choices import KeyStatus
from connectors_app.models import ApiKey, Member
from connectors_app.permissions import Permission, current_member, get_key, may, requires
from connectors_app.services import organization_keys as service
from connectors_app.views.key_losses import losses_context

_PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Row:
    """A member and their key, None where they have none. Of one that doesn't work its last day matters no more."""

    member: Member
    api_key: ApiKey | None
    has_expired: bool = False
    expires_soon: bool = False


@require_safe
@requires(Permission.SEE_KEYS)
def organization_keys(request: HttpRequest) -> HttpResponse:
    """`health` filters; who needs help comes first."""
    member, today = current_member(request), timezone.localdate()
    choices = service.health_choices()
    health = request.GET.get("health", "")
    health = health if health in dict(choices) else ""
    members = service.members_with_keys(member.organization, health=health, today=today)
    page = Paginator(members, _PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "rows": [_row(each, today) for each in page],
        "health": health,
        "choices": choices,
        "may_disable": may(member, Permission.DISABLE_KEYS),
    }
    return render(request, "api_keys/organization.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.DISABLE_KEYS)
@recent_sign_in_required
def api_key_disable(request: HttpRequest, key_id: UUID) -> HttpResponse:
    member = current_member(request)
    api_key = get_key(member, key_id)
    if request.method == "POST":
        service.disable_key(api_key, actor=member)
        messages.success(request, f"The API key of {api_key.member.email} is disabled: it is not used any more.")
        return redirect("organization_keys")
    if api_key.status == KeyStatus.DISABLED:
        return redirect("organization_keys")
    return render(request, "api_keys/disable.html", {"api_key": api_key, **losses_context(member, api_key)})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.DISABLE_KEYS)
@recent_sign_in_required
def api_key_enable(request: HttpRequest, key_id: UUID) -> HttpResponse:
    member = current_member(request)
    api_key = get_key(member, key_id)
    if request.method == "POST":
        service.enable_key(api_key, actor=member)
        messages.success(request, f"The API key of {api_key.member.email} is enabled and will be tried at once.")
        return redirect("organization_keys")
    if api_key.status != KeyStatus.DISABLED:
        return redirect("organization_keys")
    return render(request, "api_keys/enable.html", {"api_key": api_key})


def _row(member: Member, today: date) -> Row:
    api_key: ApiKey | None = member.key
    if api_key is None or api_key.status != KeyStatus.WORKING:
        return Row(member, api_key)
    return Row(member, api_key, api_key.has_expired(today), api_key.expires_soon(today))
