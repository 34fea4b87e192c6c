"""Confirming that it is really them, before keys, roles and two-factor are touched."""

import time
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

View = Callable[..., HttpResponseBase]

_TYPED = "typed_before_confirming"


def recent_sign_in_required(view: View) -> View:
    """A view for members who signed in, or confirmed it is them, within ACCOUNT_REAUTHENTICATION_TIMEOUT.

    Others confirm it first and come back to the page; what they posted is not kept, since it may be secret.
    A view with fields to fill in does so itself, and keeps those that are not.
    """

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if signed_in_recently(request):
            return view(request, *args, **kwargs)
        return confirm_first(request)

    return checked


def confirm_first(request: HttpRequest, *, back_to: str = "", keep: Iterable[str] = ()) -> HttpResponseBase:
    """To the page where the member confirms it is them, and from there to `back_to`, or else back here.

    `keep`: the names of fields whose values wait there for the form. They are in the session until then, so that
    no secret may be among them.
    """
    back_to = back_to or request.get_full_path()
    [method, *_] = DefaultAccountAdapter(request).get_reauthentication_methods(request.user)
    if request.method == "POST":
        messages.info(request, "Nothing was done yet: first confirm that it is you, then send it again.")
        _keep_typed(request, back_to, keep)
    return redirect(f"{method['url']}?{urlencode({'next': back_to})}")


def typed_before(request: HttpRequest) -> QueryDict | None:
    """What was typed into this page's form before the member was led to confirm it is them, once; else None."""
    page, typed = request.session.get(_TYPED, ("", ""))
    if page != request.path:
        return None
    del request.session[_TYPED]
    return QueryDict(typed)


def signed_in_recently(request: HttpRequest) -> bool:
    """Whether they signed in or confirmed it lately; who can't confirm it (single sign-on alone) counts as if."""
    records = get_authentication_records(request, request.user)
    if records and time.time() - records[-1]["at"] < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT:
        return True
    return not DefaultAccountAdapter(request).get_reauthentication_methods(request.user)


def _keep_typed(request: HttpRequest, back_to: str, names: Iterable[str]) -> None:
    typed = {name: request.POST.getlist(name) for name in names if name in request.POST}
    if typed:
        request.session[_TYPED] = (back_to.partition("?")[0], urlencode(typed, doseq=True))
