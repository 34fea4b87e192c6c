"""The form that adds an authenticator app."""

from typing import Any

from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django import forms

from connectors_app.forms.fields import say_what_is_missing
from connectors_app.models import Member
from connectors_app.services.two_factor import UnreadableSecret, seal_pending, unseal_pending


class AddAuthenticatorAppForm(ActivateTOTPForm):
    """Shows a secret, and asks for a code that the app makes of it.

    Until then the page itself carries the secret, sealed for this member: nothing is stored, and a reload or
    a second tab spoils nothing.
    """

    def __init__(self, *args: Any, user: Member, **kwargs: Any) -> None:
        # Not as the base class does it, which would keep the secret readable in the session.
        forms.Form.__init__(self, *args, **kwargs)
        self.user = user
        self.secret = self._carried_secret() or generate_totp_secret()
        self.sealed_secret = seal_pending(user, self.secret)
        self.fields["code"].label = "Code"
        say_what_is_missing(self, {"code": "Enter the code."})
        self.fields["code"].help_text = "The six digits that the app shows now."
        self.fields["code"].widget.attrs |= {"inputmode": "numeric", "placeholder": ""}

    def _carried_secret(self) -> str:
        if not self.is_bound:
            return ""
        try:
            return unseal_pending(self.user, self.data.get("sealed_secret", ""))
        except UnreadableSecret:
            return ""
