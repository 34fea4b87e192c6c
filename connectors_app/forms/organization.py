"""The organization's limits: when a connector is stale, and when failing is an incident."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.forms import BoundField

from connectors_app.connector_types import CONNECTOR_TYPES
from connectors_app.models import Organization


class _NumberField(forms.IntegerField):
    """A whole number in a range, which its message names, whatever was typed."""

    def __init__(self, *, least: int, most: int, unit: str = "", **kwargs: Any) -> None:
        message = f"Write a whole number{unit} from {least} to {most}."
        named = dict.fromkeys(("required", "invalid", "min_value", "max_value"), message)
        super().__init__(min_value=least, max_value=most, error_messages=named, **kwargs)


class LimitsForm(forms.Form):
    """For each connector type a field in days (0: never stale), and how many failures in a row are an incident."""

    alert_after_failures = _NumberField(
        label="Failed syncs in a row",
        least=1,
        most=10,
        help_text="An incident opens after so many; after a rejected login at once. From 1 to 10. Usual: 2.",
    )

    def __init__(self, *args: object, organization: Organization, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.initial["alert_after_failures"] = organization.alert_after_failures
        for key, connector_type in CONNECTOR_TYPES.items():
            what = "mail" if connector_type.why_no_sync else "a sync"
            usual = connector_type.stale_after_days
            self.fields[key] = _NumberField(
                label=connector_type.label,
                least=0,
                most=365,
                unit=" of days",
                initial=organization.stale_after.get(key, usual),
                help_text=f"Days without {what}, at most 365. 0: never stale. Usual: {usual}.",
            )

    def stale_fields(self) -> Iterable[BoundField]:
        return [self[key] for key in CONNECTOR_TYPES]

    def days(self) -> dict[str, int]:
        return {key: self.cleaned_data[key] for key in CONNECTOR_TYPES}
