"""The forms of the "Edit" page: the fields of the create forms that the API lets one change later."""

import re
from collections.abc import Mapping
from typing import Any

from crispy_forms.layout import Fieldset, Layout
from django import forms

from connectors_app.forms.create import ConnectorForm, EmailForm

_LINE_BREAK = re.compile(r"\r\n?|\n")


class EditForm(ConnectorForm):
    """Label, description and sharing.

    `current` holds the connector's values by field name; they are shown unless `initial` says otherwise.
    """

    def __init__(self, *args: Any, current: Mapping[str, Any], **kwargs: Any) -> None:
        kwargs["initial"] = {**current, **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        self.current = current
        config = [Fieldset(self.config_title, *self.config_fields)] if self.config_fields else []
        self.helper.layout = Layout(
            Fieldset("What it is called", "label", "description"),
            *config,
            Fieldset("Who can search it", "share_with_org"),
        )

    def clean(self) -> dict[str, Any]:
        """What was left as it is stays exactly so, even where it would not be accepted as new."""
        for name in self.fields:
            if self.current[name] and self._is_untouched(name):
                self.errors.pop(name, None)
                self.cleaned_data[name] = self.current[name]
        return self.cleaned_data

    def _is_untouched(self, name: str) -> bool:
        """Whether the field came back as a browser sends what was shown: it changes line breaks."""
        field = self.fields[name]
        if isinstance(field, forms.BooleanField):
            return False
        line_break = "\n" if isinstance(field.widget, forms.Textarea) else ""
        shown, sent = field.prepare_value(self.current[name]), self.data.get(name, "")
        return _LINE_BREAK.sub(line_break, shown) == _LINE_BREAK.sub(line_break, sent)


class EmailEditForm(EditForm, EmailForm):
    """With the allowed senders."""
