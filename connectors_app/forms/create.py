"""The forms of the "New connector" page, one per type. Field names are the API's own."""

from typing import Any, ClassVar

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Fieldset, Layout
from django import forms

from connectors_app.forms.fields import SecretField, SendersField, TextField


class ConnectorForm(forms.Form):
    """What every type has: label, description and sharing."""

    config_fields: ClassVar[tuple[str, ...]] = ()
    config_title: ClassVar[str] = ""
    label_help: ClassVar[str] = "The name that lists show, for example “Equity research, Europe”."

    label = TextField(at_most=255, label="Label")
    description = TextField(
        at_most=5000,
        label="Description",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Optional. What comes in here, and what it is for.",
    )
    share_with_org = forms.BooleanField(
        label="Share with the organization",
        required=False,
        help_text="Everyone in your Bigdata.com organization can then search its content.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["label"].widget.attrs["autofocus"] = True
        self.fields["label"].help_text = self.label_help
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True  # The page's form tag carries the token.
        self.helper.layout = Layout(
            Fieldset("What it is called", "label", "description"),
            Fieldset(self.config_title, *self.config_fields),
            Fieldset("Who can search it", Field("share_with_org")),
        )


class EmailForm(ConnectorForm):
    config_fields = ("allowed_emails",)
    config_title = "Who may send to it"

    allowed_emails = SendersField(
        label="Allowed senders",
        help_text="One address per line. Mail from anyone else is turned away. Mail that you forward yourself"
        " arrives from your own address, so allow it as a sender too; mail redirected by a rule keeps its sender.",
        error_messages={"required": "Add at least one sender: the inbox takes in mail from nobody else."},
    )


class BrokerForm(ConnectorForm):
    config_fields = ("user_id", "user_password")
    config_title = "Your login at the broker"
    label_help = "The broker's name, so that colleagues find it."

    user_id = TextField(
        at_most=255,
        label="Broker user ID",
        help_text="The user name with which you sign in at your broker to read its research, not the one for"
        " Bigdata.com.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    user_password = SecretField(
        label="Broker password",
        strip=False,
        autocomplete="new-password",
        help_text="Goes straight to Bigdata.com. It is not kept here. If it changes, use Replace credentials: a"
        " new connector takes over.",
    )


class SharePointForm(ConnectorForm):
    config_fields = ("session_id",)
    config_title = "The SharePoint session"

    session_id = SecretField(
        label="Session ID",
        help_text="From support@bigdata.com, who connect your SharePoint library first. It is not kept here.",
    )
