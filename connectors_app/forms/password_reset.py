"""The forms of a forgotten password."""

from typing import Any

from allauth.account import forms as allauth_forms
from django.db import transaction
from django.http import HttpRequest
from django.utils.module_loading import import_string

from connectors_app.forms.account import ask_for_a_new_password
from connectors_app.forms.fields import say_what_is_missing
from connectors_app.services import audit, password_resets


class AskForLinkForm(allauth_forms.ResetPasswordForm):
    """Hands every address to the worker, so that not even the time it takes tells who is a member."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say_what_is_missing(self, {"email": "Enter your email address."})

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        return email

    def save(self, request: HttpRequest, **kwargs: Any) -> str:  # noqa: ARG002
        email: str = self.cleaned_data["email"]
        send_link = import_string("connectors_app.tasks.send_password_reset")
        send_link(email, audit.address())
        return email


class NewPasswordForm(allauth_forms.ResetPasswordKeyForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].label = "New password"
        self.fields["password2"].label = "New password, again"
        ask_for_a_new_password(self)

    def save(self) -> None:
        with transaction.atomic():
            super().save()
            password_resets.finish(self.user)
