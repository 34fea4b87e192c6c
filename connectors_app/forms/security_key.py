"""What a browser says on behalf of a security key, and whatever else somebody sends in its place."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.webauthn import forms as allauth_forms
from allauth.mfa.webauthn.internal import auth
from django import forms
from django.core.exceptions import ValidationError


class _Credential(forms.JSONField):
    """allauth takes for granted that it is one, so `parse` is asked first. What came is not shown again."""

    def __init__(self, parse: Callable[[Any], object]) -> None:
        super().__init__(widget=forms.HiddenInput)
        self._parse = parse

    def to_python(self, value: Any) -> Any:
        try:
            credential = super().to_python(value)
            if credential not in self.empty_values:
                self._parse(credential)
        except (AttributeError, KeyError, TypeError, ValueError):
            raise ValidationError(self.error_messages["invalid"], code="invalid", params={"value": ""}) from None
        return credential

    def bound_data(self, data: Any, initial: Any) -> Any:  # noqa: ARG002  (Django hands it over)
        return initial


class AddSecurityKeyForm(allauth_forms.AddWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    credential = _Credential(auth.parse_registration_response)


class SignInKeyForm(allauth_forms.AuthenticateWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    credential = _Credential(auth.parse_authentication_response)


class ConfirmKeyForm(allauth_forms.ReauthenticateWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    credential = _Credential(auth.parse_authentication_response)
