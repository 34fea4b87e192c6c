"""The forms of the pages that ask for a sync, and for a deletion."""

import unicodedata
from datetime import date
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from connectors_app.forms.fields import TextField

_ISO = "%Y-%m-%d"


def plain_helper() -> FormHelper:
    """Fields only: the page's own form tag carries the token."""
    helper = FormHelper()
    helper.form_tag = False
    helper.disable_csrf = True
    return helper


class SyncForm(forms.Form):
    """From which day on content is taken in."""

    date_limit = forms.DateField(
        label="Content since",
        input_formats=[_ISO],
        help_text="Only what was published on this day or later, and has not been taken in yet, is fetched.",
        error_messages={
            "required": "Say from which day on.",
            "invalid": "Write a date as year-month-day, such as 2026-01-31.",
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        latest = timezone.localdate().isoformat()
        self.fields["date_limit"].widget = forms.DateInput({"type": "date", "max": latest}, _ISO)
        self.helper = plain_helper()

    def clean_date_limit(self) -> date:
        day: date = self.cleaned_data["date_limit"]
        if day > timezone.localdate():
            raise ValidationError("This day is in the future. Choose today or an earlier one.")
        return day


class DeleteForm(forms.Form):
    """The label typed as a proof of having looked, and a tick that one knows of the documents, which go too."""

    label = TextField(
        at_most=10_000,
        label="Type its label to confirm",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"required": "Type the label of the connector, as it is shown above."},
    )
    force_delete = forms.BooleanField(
        label="I know that deleting it deletes its documents",
        help_text="Bigdata.com deletes both or neither.",
        error_messages={
            "required": "Tick this as well: its documents go with it. To keep them, archive it instead."
        },
    )

    def __init__(self, *args: Any, expected: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.expected = expected
        self.helper = plain_helper()

    def clean_label(self) -> str:
        typed: str = self.cleaned_data["label"]
        if _comparable(typed) != _comparable(self.expected):
            raise ValidationError("This is not its label. Type it exactly as it is shown above.")
        return typed


def _comparable(text: str) -> str:
    """As a person sees it: spaces run together on a page, and an accent may be written in two ways."""
    return " ".join(unicodedata.normalize("NFC", text).split())
