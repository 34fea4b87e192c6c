"""One's own API key: add, replace, remove, and when it expires."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from connectors_app.accounts.confirming import (
    confirm_first,
    recent_sign_in_required,
    signed_in_recently,
    typed_before,
)
from connectors_app.accounts.member_limits import TooOften, count
from connectors_app.choices import KeyStatus
from connectors_app.forms.api_key import ApiKeyForm, ExpiryForm
from connectors_app.permissions import Permission, current_member, may, requires
from connectors_app.services import api_keys as service
from connectors_app.services.upstream import KeyProblem, UpstreamError
from connectors_app.views.going_back import next_page
from connectors_app.views.key_losses import losses_context

_NOT_ACCEPTED = (
    "Bigdata.com does not accept this key, so it was not stored. Check that you copied all of it, or make a new"
    " one in your Bigdata.com account."
)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.MANAGE_OWN_KEY)
def api_keys(request: HttpRequest) -> HttpResponseBase:
    """POST stores the key of field `api_key`, in the place of the one that is there.

    Looking needs no recent sign-in: who has none is sent to confirm it before they type (`?confirm=`).
    """
    is_post, is_recent = request.method == "POST", signed_in_recently(request)
    if not is_recent and (is_post or "confirm" in request.GET):
        return confirm_first(request, keep=["expires_on"])
    form = ApiKeyForm(request.POST if is_post else (typed_before(request) if is_recent else None))
    if is_post and form.is_valid() and _store(request, form):
        return redirect(next_page(request, "api_keys"))
    member = current_member(request)
    context = {
        "form": form if is_recent else None,
        "api_key": member.key,
        "has_expired": member.key is not None and member.key.has_expired(timezone.localdate()),
        "next": request.GET.get("next", ""),
        "sees_keys": may(member, Permission.SEE_KEYS),
    }
    return render(request, "api_keys/page.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.MANAGE_OWN_KEY)
@recent_sign_in_required
def api_key_remove(request: HttpRequest) -> HttpResponse:
    member = current_member(request)
    if request.method == "POST":
        _remove(request)
        return redirect("api_keys")
    if member.key is None or member.key.status == KeyStatus.DISABLED:
        return redirect("api_keys")
    context = {"api_key": member.key, **losses_context(member, member.key)}
    return render(request, "api_keys/remove.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.MANAGE_OWN_KEY)
def api_key_expiry(request: HttpRequest) -> HttpResponseBase:
    """Field `expires_on`; empty: no such day."""
    if not signed_in_recently(request):
        return confirm_first(request, keep=["expires_on"])
    member = current_member(request)
    if member.key is None:
        return redirect("api_keys")
    form = ExpiryForm(request.POST or typed_before(request), initial={"expires_on": member.key.expires_on})
    if request.method == "POST" and form.is_valid():
        service.set_expiry(member, form.cleaned_data["expires_on"], actor=member)
        messages.success(request, "The expiry date of your API key was saved.")
        return redirect("api_keys")
    return render(request, "api_keys/expiry.html", {"form": form, "api_key": member.key})


def _store(request: HttpRequest, form: ApiKeyForm) -> bool:
    member, values = current_member(request), form.cleaned_data
    had_one = member.key is not None
    try:
        count(request, "key")
        service.store_key(member, values["api_key"], expires_on=values["expires_on"], actor=member)
    except (KeyProblem, TooOften) as error:
        form.add_error("api_key", error.message)
        return False
    except UpstreamError as error:
        form.add_error("api_key", _NOT_ACCEPTED if error.code == "key_rejected" else error.message)
        return False
    done = "replaced" if had_one else "added"
    messages.success(request, f"Your API key was checked with Bigdata.com and {done}.")
    return True


def _remove(request: HttpRequest) -> None:
    member = current_member(request)
    try:
        service.remove_key(member, actor=member)
    except KeyProblem as problem:
        messages.error(request, problem.message)
    else:
        messages.success(request, "Your API key was removed.")
