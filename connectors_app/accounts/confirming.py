"""Confirming that it is really them, before keys, roles and two-factor are touched."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

View = Callable[..., HttpResponseBase]


def recent_sign_in_required(view: View) -> View:
    """A view for members who signed in, or confirmed it is them, within ACCOUNT_REAUTHENTICATION_TIMEOUT.

    Others confirm it first and come back to the page; what they posted is not kept, since it may be secret.
    """

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if signed_in_recently(request):
            return view(request, *args, **kwargs)
        return confirm_first(request)

    return checked


def confirm_first(request: HttpRequest) -> HttpResponseBase:
    """To the page where the member confirms it is them, and from there back here."""
    [method, *_] = DefaultAccountAdapter(request).get_reauthentication_methods(request.user)
    if request.method == "POST":
        messages.info(request, "Nothing was done yet: first confirm that it is you, then send it again.")
    return redirect(f"{method['url']}?{urlencode({'next': request.get_full_path()})}")


def signed_in_recently(request: HttpRequest) -> bool:
    """Whether they signed in or confirmed it lately; who can't confirm it (single sign-on alone) counts as if."""
    records = get_authentication_records(request, request.user)
    if records and time.time() - records[-1]["at"] < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT:
        return True
    return not DefaultAccountAdapter(request).get_reauthentication_methods(request.user)
