"""The forms that ask for a code: allauth's own, which also record a wrong one."""

from typing import Any

from allauth.mfa.base import forms as allauth_forms
from allauth.mfa.models import Authenticator
from django import forms
from django.core.exceptions import ValidationError

from connectors_app.forms.fields import say_what_is_missing
from connectors_app.services import sign_ins

_LIMIT_SECONDS = 5 * 60


class _CodeInput(forms.TextInput):
    """Never shows again what was typed: it may be a recovery code."""

    def format_value(self, value: Any) -> str | None:  # noqa: ARG002
        return None


class _BlockedAttempts:
    """Records that the limit refused, before any code was looked at."""

    user: Any
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget = _CodeInput(attrs=self.fields["code"].widget.attrs | {"autofocus": True})
        say_what_is_missing(self, {"code": "Enter the code."})  # type: ignore[arg-type]  # (a form, with what it is mixed into)

    def clean_code(self) -> str:
        try:
            code: str = super().clean_code()  # type: ignore[misc]  # (allauth's form, that this is mixed into)
        except ValidationError as error:
            if error.code == "too_many_login_attempts":
                key, reason = f"code {self.user.pk}", "too many wrong codes"
                sign_ins.blocked(self.user.email, key=key, seconds=_LIMIT_SECONDS, reason=reason)
            raise
        return code


class SignInCodeForm(_BlockedAttempts, allauth_forms.AuthenticateForm):
    def _emit_authentication_failed(self, authenticator: Authenticator) -> None:  # noqa: ARG002
        sign_ins.failed(self.user.email, reason="wrong code")


class ConfirmCodeForm(_BlockedAttempts, allauth_forms.ReauthenticateForm):
    def _emit_authentication_failed(self, authenticator: Authenticator) -> None:  # noqa: ARG002
        sign_ins.confirmation_failed(self.user, reason="wrong code")
