"""The forms of the "API keys" page."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from connectors_app.forms.actions import plain_helper
from connectors_app.forms.fields import SecretField

_ISO = "%Y-%m-%d"
_MAX_LENGTH = 500


class LastDayField(forms.DateField):
    """The last day on which a key works, if there is one."""

    widget = forms.DateInput({"type": "date"}, _ISO)

    def __init__(self) -> None:
        super().__init__(
            label="Expires on",
            required=False,
            input_formats=[_ISO],
            help_text="Its last day, if Bigdata.com gave it one. You are reminded from two weeks before.",
            error_messages={"invalid": "Write a date as year-month-day, such as 2026-01-31."},
        )

    def validate(self, value: date | None) -> None:
        super().validate(value)
        if value is not None and value < timezone.localdate():
            raise ValidationError("This day is over. Choose today or a later one, or leave it empty.")

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {**super().widget_attrs(widget), "min": timezone.localdate().isoformat()}


class ExpiryForm(forms.Form):
    """The last day of the key that is stored; empty: it has none."""

    expires_on = LastDayField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = plain_helper()


class ApiKeyForm(ExpiryForm):
    api_key = SecretField(
        label="API key",
        help_text="From your Bigdata.com account, under API keys. It is checked first, then kept encrypted.",
    )

    field_order = ("api_key", "expires_on")

    def clean_api_key(self) -> str:
        """The key as it goes into a header. What surrounds it (spaces, line breaks) was cut off already."""
        value: str = self.cleaned_data["api_key"]
        if len(value) > _MAX_LENGTH or not value.isascii() or not value.isprintable() or " " in value:
            raise ValidationError("This does not look like an API key. Copy it again, and nothing beside it.")
        return value
