"""The search and the filters above the audit trail. `services/audit_trail.py` reads what they send."""

from typing import Any

from django import forms

from connectors_app.choices import AuditAction, AuditGroup, AuditResult
from connectors_app.services.audit_trail import AuditFilters

_Choices = list[tuple[str, Any]]


def _actions() -> _Choices:
    """Every action, under what it is about."""
    return [
        (group.label, [(action.value, action.label) for action in AuditAction if action.group == group])
        for group in AuditGroup
    ]


class AuditFilterForm(forms.Form):
    """Only ever shown, never bound: a value that is no choice is left out, and no complaint is made of it."""

    q = forms.CharField(
        label="Search the trail", widget=forms.TextInput(attrs={"type": "search", "placeholder": "Who or on what"})
    )
    group = forms.ChoiceField(label="About", choices=[("", "About anything"), *AuditGroup.choices])
    action = forms.ChoiceField(label="Action", choices=[("", "Any action"), *_actions()])
    result = forms.ChoiceField(label="Result", choices=[("", "Any result"), *AuditResult.choices])

    use_required_attribute = False

    def __init__(self, filters: AuditFilters, *, members: list[tuple[int, str]]) -> None:
        """`members` (id and email) are offered as who did it and whose key it was; none: neither is asked."""
        super().__init__(initial=filters.as_query(), auto_id="filter-%s")
        if members:
            self.fields["actor"] = forms.ChoiceField(label="Who", choices=[("", "By anybody"), *members])
            self.fields["key_owner"] = forms.ChoiceField(label="Key", choices=[("", "With any key"), *members])
        for name, label in (("from", "From"), ("to", "To")):
            self.fields[name] = forms.CharField(label=label, widget=forms.TextInput(attrs={"type": "date"}))
        self._dress()
        if filters.ends_before_it_begins:
            self.fields["to"].widget.attrs |= {"aria-invalid": "true", "aria-describedby": "to-error"}

    def _dress(self) -> None:
        for field in self.fields.values():
            look = "form-select" if isinstance(field, forms.ChoiceField) else "form-control"
            field.widget.attrs |= {"class": look, "aria-label": field.label}
