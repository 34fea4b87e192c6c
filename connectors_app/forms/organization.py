"""The organization's limits: when a connector is stale, and when failing is an incident."""

from collections.abc import Iterable

from django import forms
from django.forms import BoundField

from connectors_app.connector_types import CONNECTOR_TYPES
from connectors_app.models import Organization


class LimitsForm(forms.Form):
    """For each connector type a field in days (0: never stale), and how many failures in a row are an incident."""

    alert_after_failures = forms.IntegerField(
        label="Failed syncs in a row",
        min_value=1,
        max_value=10,
        help_text="Until it counts as an incident; a rejected login counts at once. Usual: 2.",
    )

    def __init__(self, *args: object, organization: Organization, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.initial["alert_after_failures"] = organization.alert_after_failures
        for key, connector_type in CONNECTOR_TYPES.items():
            what = "mail" if connector_type.why_no_sync else "a sync"
            self.fields[key] = forms.IntegerField(
                label=connector_type.label,
                min_value=0,
                max_value=365,
                initial=organization.stale_after.get(key, connector_type.stale_after_days),
                help_text=f"Days without {what}. 0: never stale. Usual: {connector_type.stale_after_days}.",
            )

    def stale_fields(self) -> Iterable[BoundField]:
        return [self[key] for key in CONNECTOR_TYPES]

    def days(self) -> dict[str, int]:
        return {key: self.cleaned_data[key] for key in CONNECTOR_TYPES}
