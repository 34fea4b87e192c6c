"""How soon a member wants to hear of incidents, and when no mail is to come."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from connectors_app.choices import IncidentKind, NotifyWhen
from connectors_app.models import Channel


class NotificationsForm(forms.Form):
    """One field for each kind of incident, and the quiet hours: both ends or none. `channel`: if there is one."""

    quiet_from = forms.TimeField(label="From", required=False)
    quiet_to = forms.TimeField(label="To", required=False)

    def __init__(self, *args: Any, channel: Channel | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("quiet_from", "quiet_to"):
            self.fields[name].widget = forms.TimeInput({"type": "time"}, "%H:%M")
            self.fields[name].error_messages["invalid"] = "Write a time as hours and minutes, such as 22:00."
            self.initial[name] = getattr(channel, name, None)
        chosen = channel.choices if channel else {}
        for kind in IncidentKind:
            self.fields[kind.value] = forms.ChoiceField(
                label=kind.label,
                choices=NotifyWhen.choices,
                widget=forms.Select(attrs={"class": "form-select"}),
                help_text=kind.look.explanation,
                initial=chosen.get(kind.value, NotifyWhen.NOW),
            )

    @property
    def kinds(self) -> list[forms.BoundField]:
        return [self[kind.value] for kind in IncidentKind]

    def choices(self) -> dict[str, str]:
        return {kind.value: self.cleaned_data[kind.value] for kind in IncidentKind}

    def clean_quiet_to(self) -> Any:
        begin, end = self.cleaned_data.get("quiet_from"), self.cleaned_data["quiet_to"]
        if begin is not None and begin == end:
            raise ValidationError("This is when they begin. Choose another time, or leave both empty.")
        return end

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        ends = ("quiet_from", "quiet_to")
        if any(values.get(name) for name in ends):
            for name in ends:
                if values.get(name) is None and name not in self.errors:
                    self.add_error(name, "Quiet hours need both a beginning and an end.")
        return values
