"""How django-allauth is fitted in: members only, no open sign-up."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core.internal.httpkit import get_client_ip
from django.conf import settings
from django.contrib import messages
from django.db.models import Case, Exists, OuterRef, Value, When
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from connectors_app.models import ApiKey, Member

View = Callable[..., HttpResponseBase]


def address_of(request: HttpRequest) -> str | None:
    """The IP address that a request came from, as far as `TRUSTED_PROXIES` proxies can be believed."""
    address: str | None = get_client_ip(request)
    return address


def recent_sign_in_required(view: View) -> View:
    """A view for members who signed in, or confirmed it is them, within ACCOUNT_REAUTHENTICATION_TIMEOUT.

    Others confirm it first and come back to the page; what they posted is not kept, since it may be secret.
    """

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        methods = DefaultAccountAdapter(request).get_reauthentication_methods(request.user)
        if not methods or _signed_in_recently(request):
            return view(request, *args, **kwargs)
        if request.method == "POST":
            messages.info(request, "Nothing was done yet: first confirm that it is you, then send it again.")
        return redirect(f"{methods[0]['url']}?{urlencode({'next': request.get_full_path()})}")

    return checked


def _signed_in_recently(request: HttpRequest) -> bool:
    records = get_authentication_records(request, request.user)
    return bool(records) and time.time() - records[-1]["at"] < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False


class MemberBackend(AuthenticationBackend):
    """Loads the member together with what every page needs of them, in one query."""

    def get_user(self, user_id: Any) -> Member | None:
        sandbox_keys = ApiKey.objects.filter(organization=OuterRef("organization"), answered_by_sandbox=True)
        members = Member.objects.select_related("organization", "api_key").annotate(
            colleagues_use_sandbox=Case(When(api_key=None, then=Exists(sandbox_keys)), default=Value(False))
        )
        member = members.filter(pk=user_id).first()
        return member if member is not None and self.user_can_authenticate(member) else None
