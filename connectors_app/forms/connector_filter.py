"""The search and the filters above the list. `services/listing.py` reads what they send."""

from dataclasses import asdict

from django import forms

from connectors_app.choices import State
from connectors_app.connector_types import CONNECTOR_TYPES
from connectors_app.services.listing import ListFilters

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


class ConnectorFilterForm(forms.Form):
    """Only ever shown, never bound: a value that is no choice is left out, and no complaint is made of it."""

    q = forms.CharField(label="Search connectors", widget=forms.TextInput(attrs={"type": "search"}))
    state = forms.ChoiceField(label="State", choices=[("", "Any state"), *State.choices])
    type = forms.ChoiceField(label="Type")
    owner = forms.ChoiceField(label="Owner")
    shared = forms.ChoiceField(
        label="Sharing",
        choices=[("", "Any sharing"), ("1", "Shared with organization"), ("0", "Private to owner")],
    )
    archived = forms.ChoiceField(
        label="Archived",
        choices=[("", "Not archived"), ("1", "Only archived"), ("all", "Archived too")],
    )
    sort = forms.ChoiceField(label="Order", choices=_SORT_CHOICES)

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
