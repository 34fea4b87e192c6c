"""How django-allauth is fitted in: members only, no open sign-up."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from connectors_app.accounts.confirming import signed_in_recently
from connectors_app.accounts.sign_in import SignInAdapter


class AccountAdapter(SignInAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:  # noqa: ARG002
        """For allauth's own pages the same holds as for ours: a fresh sign-in counts."""
        return not signed_in_recently(self.request)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:  # noqa: ARG002
        return reverse("account")
