"""The form of the "API keys" page."""

from django import forms
from django.core.exceptions import ValidationError

from connectors_app.forms.fields import SecretField

_MAX_LENGTH = 500


class ApiKeyForm(forms.Form):
    api_key = SecretField(
        label="API key",
        help_text="From your Bigdata.com account, under API keys. It is checked first, then kept encrypted.",
    )

    def clean_api_key(self) -> str:
        """The key as it goes into a header. What surrounds it (spaces, line breaks) was cut off already."""
        value: str = self.cleaned_data["api_key"]
        if len(value) > _MAX_LENGTH or not value.isascii() or not value.isprintable() or " " in value:
            raise ValidationError("This does not look like an API key. Copy it again, and nothing beside it.")
        return value
