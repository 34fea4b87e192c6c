"""The form of the "Replace credentials" page."""

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms

from connectors_app.forms.create import BrokerForm


class ReplaceForm(forms.Form):
    """The broker login that the successor is created with."""

    user_id = BrokerForm.base_fields["user_id"]
    user_password = BrokerForm.base_fields["user_password"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Here it would say to do what one is doing.
        self.fields["user_password"].help_text = "Goes straight to Bigdata.com. It is not kept here."
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
