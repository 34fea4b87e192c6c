"""The forms of an invitation: offering it, and accepting it."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password

from connectors_app.choices import Role
from connectors_app.forms.fields import STRONG_ENOUGH, SecretField
from connectors_app.models import Member


class InviteForm(forms.Form):
    email = forms.EmailField(
        label="Email address",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false", "autofocus": True}),
        help_text="They sign in with it. It can't be changed later.",
        error_messages={
            "required": "Enter the email address.",
            "invalid": "Write one email address, such as name@company.com.",
        },
    )
    role = forms.ChoiceField(
        label="Role",
        choices=[(role.value, f"{role.label}: {role.explanation}") for role in Role],
        initial=Role.ANALYST,
        widget=forms.RadioSelect(attrs={"class": "form-check-input"}),
        error_messages={"required": "Choose a role."},
    )


class AcceptForm(forms.Form):
    """Only a password: address, role and organization are the invitation's."""

    password = SecretField(
        label="Choose a password",
        autocomplete="new-password",
        strip=False,
        help_text=STRONG_ENOUGH,
        error_messages={"required": "Choose a password."},
    )

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        """`member`: who they will be, since a password must not resemble their address."""
        super().__init__(*args, **kwargs)
        self.member = member
        self.fields["password"].widget.attrs["autofocus"] = True

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, self.member)
        return password
