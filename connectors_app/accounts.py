"""How django-allauth is fitted in: members only, no open sign-up."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.internal.flows.login import get_authentication_records
from django.conf import settings
from django.contrib import messages
from django.db.models import Case, Exists, OuterRef, Value, When
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from connectors_app.models import ApiKey, Member
from connectors_app.services.two_factor import has_second_factor
from connectors_app.sign_in import SignInAdapter

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


class AccountAdapter(SignInAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:  # noqa: ARG002
        """For allauth's own pages the same holds as for ours: a fresh sign-in counts."""
        return not signed_in_recently(self.request)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:  # noqa: ARG002
        return reverse("account")


class MemberBackend(AuthenticationBackend):
    """Loads the member together with what every page needs of them, in one query."""

    def get_user(self, user_id: Any) -> Member | None:
        sandbox_keys = ApiKey.objects.filter(organization=OuterRef("organization"), answered_by_sandbox=True)
        members = Member.objects.select_related("organization", "api_key").annotate(
            colleagues_use_sandbox=Case(When(api_key=None, then=Exists(sandbox_keys)), default=Value(False)),
            has_mfa=has_second_factor(),
        )
        member = members.filter(pk=user_id).first()
        return member if member is not None and self.user_can_authenticate(member) else None
