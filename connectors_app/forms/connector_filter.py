"""The search and the filters above the list. `services/listing.py` reads what they send."""

from dataclasses import asdict
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from connectors_app.choices import State
from connectors_app.connector_types import CONNECTOR_TYPES
from connectors_app.services.listing import ATTENTION, ListFilters

_SORT_CHOICES = (
    ("-created", "Newest first"),
    ("created", "Oldest first"),
    ("label", "Name, A to Z"),
    ("-label", "Name, Z to A"),
    ("-last_sync", "Last synced first"),
    ("last_sync", "Longest without a sync"),
    ("-files", "Most files"),
    ("files", "Fewest files"),
)


class PlainSelect(forms.Select):
    """Drawn in one go: Django's own takes a template for each option, a fifth of the time of a list's page."""

    def render(
        self,
        name: str,
        value: Any,
        attrs: dict[str, Any] | None = None,
        renderer: Any = None,  # noqa: ARG002  (Django hands it over)
    ) -> SafeString:
        chosen = {value: SafeString(" selected")}
        options = ((key, chosen.get(key, ""), label) for key, label in self.choices)
        return format_html(
            "<select{}>{}</select>",
            flatatt({"name": name, **self.build_attrs(self.attrs, attrs)}),
            format_html_join("", '<option value="{}"{}>{}</option>', options),
        )


class ConnectorFilterForm(forms.Form):
    """Only ever shown, never bound: a value that is no choice is left out, and no complaint is made of it."""

    q = forms.CharField(label="Search connectors", widget=forms.TextInput(attrs={"type": "search"}))
    state = forms.ChoiceField(
        label="State",
        widget=PlainSelect,
        choices=[("", "Any state"), (ATTENTION, "Needs attention"), *State.choices],
    )
    type = forms.ChoiceField(label="Type", widget=PlainSelect)
    owner = forms.ChoiceField(label="Owner", widget=PlainSelect)
    shared = forms.ChoiceField(
        label="Sharing",
        widget=PlainSelect,
        choices=[("", "Any sharing"), ("1", "Shared with organization"), ("0", "Private to owner")],
    )
    archived = forms.ChoiceField(
        label="Archived",
        widget=PlainSelect,
        choices=[("", "Not archived"), ("1", "Only archived"), ("all", "All, deleted too")],
    )
    sort = forms.ChoiceField(label="Order", widget=PlainSelect, choices=_SORT_CHOICES)

    use_required_attribute = False

    def __init__(self, filters: ListFilters, *, owners: list[tuple[str, str]]) -> None:
        super().__init__(initial=asdict(filters), auto_id="filter-%s")
        types = [(each.key, each.label) for each in CONNECTOR_TYPES.values()]
        self._choose_from("type", [("", "Any type"), *types])
        unnamed = {filters.owner} - {"", *dict(owners)}
        self._choose_from("owner", [("", "Any owner"), *owners, *((owner, owner) for owner in unnamed)])
        self._dress()

    def _choose_from(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - for the type checker
        field.choices = choices

    def _dress(self) -> None:
        for name, field in self.fields.items():
            look = "form-control" if name == "q" else "form-select"
            field.widget.attrs |= {"class": look, "aria-label": field.label}
        # "/" goes to whatever is called "search".
        search = {"id": "search", "placeholder": "Label, sender, user or ID", "data-shown-key": "/"}
        self.fields["q"].widget.attrs |= search
