"""Where the organization's alerts go, and of what they tell."""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import QueryDict

from connectors_app.choices import Cause, ChannelKind, IncidentKind
from connectors_app.connector_types import CONNECTOR_TYPES
from connectors_app.forms.fields import TextField
from connectors_app.models import Channel, Member, Organization
from connectors_app.services.alerts.channels import ChannelValues, Refused, check_address

RULES = ("kinds", "types", "causes", "owners")
# All but the address of a webhook.
NOT_SECRET = ("name", "email", "is_enabled", *RULES)
_SEEN_AT_A_GLANCE = 12
_TYPES = [(each.key, each.label) for each in CONNECTOR_TYPES.values()]


class AddressInput(forms.TextInput):
    """Seen while it is typed or pasted, and in no page that is answered."""

    def __init__(self) -> None:
        unnoticed = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        super().__init__(attrs={"inputmode": "url", "placeholder": "https://", **unnoticed})

    def format_value(self, value: Any) -> None:  # noqa: ARG002
        return None


class AddressField(forms.CharField):
    """The address of a webhook, which is a secret."""

    widget = AddressInput

    def validate(self, value: str) -> None:
        super().validate(value)
        if value:
            try:
                check_address(value)
            except Refused as refused:
                raise ValidationError(f"{refused}.") from None


def _boxes(
    label: str, choices: Iterable[tuple[str, Any]], help_text: str, *, coerce: Callable[[str], Any] = str
) -> forms.TypedMultipleChoiceField:
    widget = forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"})
    return forms.TypedMultipleChoiceField(
        label=label, choices=list(choices), coerce=coerce, required=False, widget=widget, help_text=help_text
    )


class ChannelForm(forms.Form):
    """`channel`: the one that is changed, else None. Only an email channel has `email`, only the others `url`."""

    name = TextField(
        at_most=100,
        label="Name",
        help_text="Such as “Data desk”. Your colleagues read it.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Give it a name."},
    )
    email = forms.EmailField(
        label="Email address",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={
            "required": "Say where the mails go.",
            "invalid": "Write one email address, such as desk@company.com.",
        },
    )
    url = AddressField(label="Address (URL)", error_messages={"required": "Paste the address of the webhook."})
    kinds = _boxes("Kinds of incident", IncidentKind.choices, "None chosen: all of them.")
    types = _boxes("Types of connector", _TYPES, "None chosen: all of them, and rejected API keys.")
    causes = _boxes("Causes", Cause.choices, "None chosen: whatever the cause. Only failing connectors have one.")
    owners = _boxes("Owners", [], "None chosen: everybody's connectors and keys.", coerce=int)
    is_enabled = forms.BooleanField(
        label="Send messages", required=False, help_text="Unticked, nothing is sent through this channel."
    )

    def __init__(
        self,
        data: QueryDict | None,
        *,
        kind: ChannelKind,
        organization: Organization,
        channel: Channel | None = None,
    ) -> None:
        super().__init__(data, initial=_initial(channel) if channel else None)
        self.kind, self.organization, self.channel = kind, organization, channel
        del self.fields["url" if kind == ChannelKind.EMAIL else "email"]
        if channel is None:
            del self.fields["is_enabled"]
        if kind != ChannelKind.EMAIL:
            self.fields["url"].required = channel is None
            self.fields["url"].help_text = _about_url(channel)
        self.fields["owners"].choices = _members(organization, channel)  # type: ignore[attr-defined]

    @property
    def boxes(self) -> list[forms.BoundField]:
        return [self[name] for name in ("kinds", "types", "causes")]

    @property
    def owners_are_folded(self) -> bool:
        """Many members, none of them chosen: nobody need go through them."""
        return len(self["owners"]) > _SEEN_AT_A_GLANCE and not self["owners"].value()

    def clean_name(self) -> str:
        """A name is one channel's only, so that people can tell them apart, and a form sent twice adds but one."""
        name: str = self.cleaned_data["name"]
        same = Channel.objects.filter(organization=self.organization, member=None, name=name)
        if (same.exclude(pk=self.channel.pk) if self.channel else same).exists():
            raise ValidationError("Another channel has this name. Choose one that tells them apart.")
        return name

    def values(self) -> ChannelValues:
        """What was typed, as far as it is valid."""
        typed = self.cleaned_data
        return ChannelValues(
            name=typed.get("name", ""),
            email=typed.get("email", ""),
            url=typed.get("url", ""),
            is_enabled=typed.get("is_enabled", True),
            rules={name: typed.get(name, []) for name in RULES},
        )

    def address_trouble(self) -> str:
        """Why nothing can be sent, for a test of what is typed; empty if something can."""
        name = "email" if self.kind == ChannelKind.EMAIL else "url"
        return " ".join(map(str, self.errors.get(name, [])))


def _initial(channel: Channel) -> dict[str, Any]:
    return {name: getattr(channel, name) for name in ("name", "email", "is_enabled", *RULES)}


def _about_url(channel: Channel | None) -> str:
    if channel is None:
        return "It begins with https://. It is kept encrypted and never shown again, not even by this form."
    return f"Now at {channel.url_host}. The rest is never shown. Leave it empty to keep it."


def _members(organization: Organization, channel: Channel | None) -> list[tuple[int, str]]:
    """Who was chosen before, then whoever else is active."""
    chosen = channel.owners if channel else []
    members = Member.objects.filter(Q(is_active=True) | Q(pk__in=chosen), organization=organization)
    by_email = members.order_by("email").values_list("pk", "email")
    return sorted(by_email, key=lambda member: member[0] not in chosen)
