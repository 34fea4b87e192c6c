"""What the confirm page of bulk work asks for: the day that syncs go back to, or the sender."""

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from connectors_app.forms.actions import SyncForm, plain_helper
from connectors_app.forms.fields import SendersField

_DAYS_BACK = timedelta(days=7)


class BulkSyncForm(SyncForm):
    """One day for all broker connectors."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["date_limit"]
        field.initial = timezone.localdate() - _DAYS_BACK
        field.help_text = (
            "For broker research: only what was published on this day or later, and has not been taken in yet, "
            "is fetched. SharePoint libraries need no day."
        )


class SenderForm(forms.Form):
    """One address, to be added to or removed from the allowed senders. Cleans to the address itself."""

    sender = SendersField(
        label="Sender",
        widget=forms.TextInput(attrs={"inputmode": "email", "autocapitalize": "none", "spellcheck": "false"}),
        help_text="One email address, such as research@broker.com.",
        error_messages={"required": "Say which sender."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sender"].widget.attrs["autofocus"] = True
        self.helper = plain_helper()

    def clean_sender(self) -> str:
        senders: list[str] = self.cleaned_data["sender"]
        if len(senders) > 1:
            raise ValidationError("One address at a time, please.")
        return senders[0]


class NothingToAsk(forms.Form):
    """Of actions that need to know nothing more."""
