"""The forms of a member's own account: password, time zone."""

import zoneinfo
from typing import Any

from allauth.account import forms as allauth_forms
from allauth.core import context
from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction

from connectors_app.forms.fields import STRONG_ENOUGH, say_what_is_missing
from connectors_app.services.passwords import record_password_change

_ZONES = {zone.lower(): zone for zone in zoneinfo.available_timezones()}


# In the session of who has just accepted an invitation: their address, so that they need not type it to sign in.
JOINED_AS = "joined_as"


class SignInForm(allauth_forms.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say_what_is_missing(self, {"login": "Enter your email address.", "password": "Enter your password."})
        if "remember" in self.fields:
            self.fields["remember"].label = "Keep me signed in"
        joined_as = context.request.session.get(JOINED_AS)
        if joined_as:
            self.initial.setdefault("login", joined_as)
        self.fields["password" if joined_as else "login"].widget.attrs["autofocus"] = True


def ask_for_a_new_password(form: forms.BaseForm) -> None:
    """One hint about it, and what is missing, for each of allauth's forms that takes one twice."""
    form.fields["password1"].help_text = STRONG_ENOUGH
    say_what_is_missing(form, {"password1": "Choose a password.", "password2": "Enter the new password again."})


class _RecordedPassword:
    """Saving ends the member's other sessions and records it."""

    user: Any

    def save(self) -> None:
        with transaction.atomic():
            super().save()  # type: ignore[misc]  # (allauth's form, that this is mixed into)
            record_password_change(self.user, current_key=context.request.session.session_key)


class ChangePasswordForm(_RecordedPassword, allauth_forms.ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].label = "Current password"
        self.fields["password1"].label = "New password"
        self.fields["password2"].label = "New password, again"
        say_what_is_missing(self, {"oldpassword": "Enter your current password."})
        ask_for_a_new_password(self)


class SetPasswordForm(_RecordedPassword, allauth_forms.SetPasswordForm):
    """For who has none yet and signs in otherwise."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_for_a_new_password(self)


class ConfirmPasswordForm(allauth_forms.ReauthenticateForm):
    """Before what matters: is it really them?"""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        say_what_is_missing(self, {"password": "Enter your password."})
        self.fields["password"].widget.attrs["autofocus"] = True


class TimeZoneForm(forms.Form):
    """In which zone the member is shown times. Empty: the browser's."""

    time_zone = forms.CharField(
        label="Time zone",
        required=False,
        help_text="Type a city or a region, such as Paris. Leave it empty to follow this browser.",
        widget=forms.TextInput(attrs={"list": "time-zones", "autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_time_zone(self) -> str:
        typed: str = self.cleaned_data["time_zone"].strip()
        if not typed:
            return ""
        found = _zones_called(typed)
        if len(found) == 1:
            return found[0]
        raise ValidationError("Choose one from the list, such as Europe/Paris.")


def zone_names() -> list[str]:
    """Those that people choose from: places, and UTC."""
    return sorted(zone for zone in _ZONES.values() if zone == "UTC" or _is_place(zone))


def _is_place(zone: str) -> bool:
    region, _, city = zone.partition("/")
    return bool(city) and region not in {"Etc", "SystemV", "US"}


def _zones_called(typed: str) -> list[str]:
    """The zone of that name, else those of which it is the city."""
    wanted = typed.lower().replace(" ", "_")
    if wanted in _ZONES:
        return [_ZONES[wanted]]
    return [zone for name, zone in _ZONES.items() if name.rpartition("/")[2] == wanted and _is_place(zone)]
