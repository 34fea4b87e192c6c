"""Keeping quiet about an error for a while."""

from datetime import datetime, timedelta

from django import forms
from django.utils import timezone

_DAYS = (("1", "1 day"), ("3", "3 days"), ("7", "1 week"), ("30", "30 days"))


class SnoozeForm(forms.Form):
    days = forms.ChoiceField(label="For how long", choices=_DAYS)
    reason = forms.CharField(
        label="Why",
        max_length=200,
        help_text="Your colleagues read it: “We are working on it”.",
        error_messages={"required": "Say why, so that your colleagues understand it."},
    )

    def until(self) -> datetime:
        return timezone.now() + timedelta(days=int(self.cleaned_data["days"]))
