"""The API keys page: add, replace, remove one's own."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from connectors_app.forms.api_key import ApiKeyForm
from connectors_app.permissions import Permission, current_member, requires
from connectors_app.services import api_keys as service
from connectors_app.services.upstream import UpstreamError


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.MANAGE_OWN_KEY)
def api_keys(request: HttpRequest) -> HttpResponse:
    """POST stores the key of field `api_key`, in the place of the one that is there."""
    form = ApiKeyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _store(request, form):
        return redirect(_next(request))
    context = {"form": form, "api_key": current_member(request).key, "next": request.GET.get("next", "")}
    return render(request, "api_keys/page.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.MANAGE_OWN_KEY)
def api_key_remove(request: HttpRequest) -> HttpResponse:
    member = current_member(request)
    if request.method == "POST":
        service.remove_key(member)
        messages.success(request, "Your API key was removed.")
        return redirect("api_keys")
    if member.key is None:
        return redirect("api_keys")
    return render(request, "api_keys/remove.html", {"api_key": member.key})


def _store(request: HttpRequest, form: ApiKeyForm) -> bool:
    member = current_member(request)
    had_one = member.key is not None
    try:
        service.store_key(member, form.cleaned_data["api_key"])
    except UpstreamError as error:
        form.add_error("api_key", error.message)
        return False
    done = "replaced" if had_one else "added"
    messages.success(request, f"Your API key was checked with Bigdata.com and {done}.")
    return True


def _next(request: HttpRequest) -> str:
    """Back to where a key was missing, if that is a page of ours."""
    target = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if ours else "api_keys"
