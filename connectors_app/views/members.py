"""Members: who is in the organization, who is invited, and one member's page."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from connectors_app.choices import Role
from connectors_app.models import Member
from connectors_app.permissions import Permission, current_member, get_colleague, requires, visible_connectors
from connectors_app.services.member_list import invitations_of, members_of
from connectors_app.services.members import is_only_admin
from connectors_app.services.offboarding import report_on

_PER_PAGE = 100
# Beyond these, the search finds them.
_SHOWN_AT_MOST = 100


@require_safe
@requires(Permission.MANAGE_MEMBERS)
def members(request: HttpRequest) -> HttpResponse:
    """Active members by page; open invitations and deactivated members beside them. `q` narrows all three."""
    organization, q = current_member(request).organization, request.GET.get("q", "").strip()
    everybody = members_of(organization, q=q)
    invitations = invitations_of(organization, q=q).open(now=timezone.now())
    context = {
        "q": q,
        "roles": Role,
        "page_obj": Paginator(everybody.filter(is_active=True), _PER_PAGE).get_page(request.GET.get("page")),
        "invitations": invitations[:_SHOWN_AT_MOST],
        "deactivated": everybody.filter(is_active=False)[:_SHOWN_AT_MOST],
        "shown_at_most": _SHOWN_AT_MOST,
    }
    return render(request, "members/page.html", context)


@require_safe
@requires(Permission.MANAGE_MEMBERS)
def member(request: HttpRequest, member_id: int) -> HttpResponse:
    colleague = get_colleague(current_member(request), member_id)
    facts = members_of(colleague.organization).get(pk=colleague.pk)
    other_roles = [role for role in Role if role != colleague.get_role()]
    context = {"other_roles": other_roles, **member_context(request, facts)}
    return render(request, "members/member.html", context)


def member_context(request: HttpRequest, colleague: Member) -> dict[str, Any]:
    """What every page about a member shows."""
    me = current_member(request)
    return {
        "colleague": colleague,
        "is_me": colleague.pk == me.pk,
        "is_only_admin": is_only_admin(colleague),
        "report": report_on(colleague, among=visible_connectors(me)),
    }
