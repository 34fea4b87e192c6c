"""Invitations: offered and revoked by an admin, accepted by who holds the link."""

from uuid import UUID, uuid4

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from connectors_app.accounts.confirming import confirm_first, signed_in_recently, typed_before
from connectors_app.forms.account import JOINED_AS
from connectors_app.forms.invitation import AcceptForm, InviteForm
from connectors_app.models import Invitation, Member
from connectors_app.permissions import Permission, current_member, get_invitation, requires
from connectors_app.services import invitations as service
from connectors_app.services.invitation_mail import mail_link
from connectors_app.views.bulk_common import as_uuid


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.MANAGE_MEMBERS)
def member_invite(request: HttpRequest) -> HttpResponseBase:
    """POST answers with the link itself, the one time that it is shown: it is kept nowhere, not for a redirect."""
    if not signed_in_recently(request):
        return confirm_first(request, keep=["email", "role"])
    form = InviteForm(request.POST if request.method == "POST" else typed_before(request))
    invitation_id = as_uuid(request.POST.get("invitation_id", "")) or uuid4()
    if request.method == "POST" and form.is_valid():
        answer = _invite(request, form, invitation_id)
        if answer is not None:
            return answer
    return render(request, "members/invite.html", {"form": form, "invitation_id": invitation_id})


@require_POST
@requires(Permission.MANAGE_MEMBERS)
def invitation_revoke(request: HttpRequest, invitation_id: UUID) -> HttpResponse:
    me = current_member(request)
    invitation = get_invitation(me, invitation_id)
    if service.revoke(invitation, actor=me):
        messages.success(request, f"The invitation of {invitation.email} is revoked. Its link no longer works.")
    else:
        messages.info(request, f"The invitation of {invitation.email} was no longer open.")
    return redirect("members")


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Field `password`: with it, who opens the link becomes a member, who then signs in like everybody."""
    answer = _answer_to_link(request, token)
    # The address of this page is a secret: its origin is all that others may learn. (With no referrer at all,
    # browsers would not say where the form comes from, and it would be refused.)
    answer["Referrer-Policy"] = "strict-origin"
    return answer


def _invite(request: HttpRequest, form: InviteForm, invitation_id: UUID) -> HttpResponse | None:
    """The page with the link; None when the form has an error now."""
    me = current_member(request)
    try:
        issued = service.invite(
            organization=me.organization,
            email=form.cleaned_data["email"],
            role=form.cleaned_data["role"],
            invited_by=me,
            invitation_id=invitation_id,
        )
    except service.AlreadyMember as refusal:
        form.add_error("email", refusal.message)
        return None
    except service.AlreadySent as repeated:
        return render(request, "members/invited_before.html", {"invitation": repeated.invitation})
    except service.ForeignInvitation:
        raise Http404 from None
    context = {"invitation": issued.invitation, "link": issued.link, "mailed": mail_link(issued)}
    return render(request, "members/invited.html", context)


def _answer_to_link(request: HttpRequest, token: str) -> HttpResponse:
    if request.user.is_authenticated:
        return render(request, "invitation/signed_in.html")
    try:
        return _offer(request, service.find_open(token), token)
    except service.NotOpen:
        return render(request, "invitation/not_open.html", status=404)


def _offer(request: HttpRequest, offered: Invitation, token: str) -> HttpResponse:
    """Raises NotOpen."""
    somebody = Member(email=offered.email)
    form = AcceptForm(request.POST if request.method == "POST" else None, member=somebody)
    if request.method != "POST" or not form.is_valid():
        return render(request, "invitation/page.html", {"invitation": offered, "form": form})
    service.accept(token, password=form.cleaned_data["password"])
    request.session[JOINED_AS] = offered.email
    messages.success(request, "Your account is ready. Sign in with the password that you chose.")
    return redirect("account_login")
