"""Another role, deactivation, reactivation: each a page that says what it means, and a form that does it."""

from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from connectors_app.accounts.confirming import recent_sign_in_required
from connectors_app.choices import Role
from connectors_app.permissions import PERMISSIONS, Permission, current_member, get_colleague, requires
from connectors_app.services import members as service
from connectors_app.services.members import LastAdmin
from connectors_app.views.members import member_context


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.MANAGE_MEMBERS)
@recent_sign_in_required
def member_role(request: HttpRequest, member_id: int, role: str) -> HttpResponse:
    """Give the member the role that the address names."""
    me, new = current_member(request), _role(role)
    colleague = get_colleague(me, member_id)
    if request.method != "POST":
        before, after = PERMISSIONS[colleague.get_role()], PERMISSIONS[new]
        context = member_context(request, colleague) | {
            "role": new,
            "gained": [each for each in Permission if each in after - before],
            "lost": [each for each in Permission if each in before - after],
        }
        return render(request, "members/role.html", context)
    try:
        service.change_role(colleague, new, actor=me)
    except LastAdmin as refusal:
        return _back(request, member_id, refusal)
    messages.success(request, f"{colleague.email} is now {new.label.lower()}.")
    return redirect("overview") if colleague == me else redirect("member", member_id)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.MANAGE_MEMBERS)
@recent_sign_in_required
def member_deactivate(request: HttpRequest, member_id: int) -> HttpResponse:
    me = current_member(request)
    colleague = get_colleague(me, member_id)
    if request.method != "POST":
        return render(request, "members/deactivate.html", member_context(request, colleague))
    try:
        service.deactivate(colleague, actor=me)
    except LastAdmin as refusal:
        return _back(request, member_id, refusal)
    if colleague == me:
        logout(request)
        return redirect("account_login")
    messages.success(request, f"{colleague.email} is deactivated and signed out everywhere.")
    return redirect("member", member_id)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.MANAGE_MEMBERS)
@recent_sign_in_required
def member_reactivate(request: HttpRequest, member_id: int) -> HttpResponse:
    me = current_member(request)
    colleague = get_colleague(me, member_id)
    if request.method != "POST":
        return render(request, "members/reactivate.html", member_context(request, colleague))
    service.reactivate(colleague, actor=me)
    messages.success(request, f"{colleague.email} can sign in again.")
    return redirect("member", member_id)


def _role(value: str) -> Role:
    try:
        return Role(value)
    except ValueError:
        raise Http404 from None


def _back(request: HttpRequest, member_id: int, refusal: LastAdmin) -> HttpResponse:
    messages.error(request, refusal.message)
    return redirect("member", member_id)
