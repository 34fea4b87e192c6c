"""The organization's limits: after how long without anything new a connector is stale."""

from django import forms

from connectors_app.connector_types import CONNECTOR_TYPES
from connectors_app.models import Organization


class LimitsForm(forms.Form):
    """One field for each connector type, in days. Empty: the type's usual limit; 0: never stale."""

    def __init__(self, *args: object, organization: Organization, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for key, connector_type in CONNECTOR_TYPES.items():
            what = "mail" if connector_type.why_no_sync else "a sync"
            self.fields[key] = forms.IntegerField(
                label=connector_type.label,
                min_value=0,
                max_value=365,
                initial=organization.stale_after.get(key, connector_type.stale_after_days),
                help_text=f"Days without {what}. 0: never stale. Usual: {connector_type.stale_after_days}.",
            )

    def days(self) -> dict[str, int]:
        return {key: self.cleaned_data[key] for key in CONNECTOR_TYPES}
