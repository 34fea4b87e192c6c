"""The connector types, all in one place. A new type is one entry here, one form, one template part.

Each entry says how the type is called and shown, which of its fields are secret, and how its form's values
become the `config` of the upstream API (contract: `ConnectorCreate`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from connectors_app.bigdata import BrokerConfig, EmailConfig, Secret, SharePointConfig

Config = EmailConfig | BrokerConfig | SharePointConfig


@dataclass(frozen=True, slots=True)
class ConnectorType:
    """One kind of connector.

    `key` is the API's name for it, `form` the dotted path of its create form, `template` the folder of its
    template parts, `config_fields` the form's fields that make up the config, `secret_fields` those of them
    that go to the API and nowhere else. `edit_form` edits what may be changed later; `why_no_sync` is empty where
    a sync can be asked for, which for some types `needs_date_limit`. `stale_after_days` without anything new make
    it stale, where the organization has no limit of its own.
    """

    key: str
    label: str
    icon: str
    pitch: str
    form: str
    edit_form: str
    template: str
    config_fields: tuple[str, ...]
    secret_fields: tuple[str, ...]
    why_no_sync: str
    needs_date_limit: bool
    stale_after_days: int
    make_config: Callable[[Mapping[str, Any]], Config]

    def remembered(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values that may be stored with an operation: never a secret."""
        return {name: values[name] for name in self.config_fields if name not in self.secret_fields}


_TYPES = (
    ConnectorType(
        key="email",
        label="Email inbox",
        icon="mail",
        pitch="Get an address. What the senders you allow send to it becomes searchable content.",
        form="connectors_app.forms.create.EmailForm",
        edit_form="connectors_app.forms.edit.EmailEditForm",
        template="connector_types/email",
        config_fields=("allowed_emails",),
        secret_fields=(),
        why_no_sync="Email connectors have no sync: mail is taken in as it arrives.",
        needs_date_limit=False,
        stale_after_days=14,
        make_config=lambda values: EmailConfig(allowed_emails=tuple(values["allowed_emails"])),
    ),
    ConnectorType(
        key="investment_research",
        label="Broker research",
        icon="report-analytics",
        pitch="Take in the research that your broker publishes for you, with your user name and password there.",
        form="connectors_app.forms.create.BrokerForm",
        edit_form="connectors_app.forms.edit.EditForm",
        template="connector_types/investment_research",
        config_fields=("user_id", "user_password"),
        secret_fields=("user_password",),
        why_no_sync="",
        needs_date_limit=True,
        stale_after_days=3,
        make_config=lambda values: BrokerConfig(
            user_id=values["user_id"], user_password=Secret(values["user_password"])
        ),
    ),
    ConnectorType(
        key="sharepoint",
        label="SharePoint",
        icon="folder-share",
        pitch="Take in a SharePoint library's documents. Write to support@bigdata.com first: they connect it.",
        form="connectors_app.forms.create.SharePointForm",
        edit_form="connectors_app.forms.edit.EditForm",
        template="connector_types/sharepoint",
        config_fields=("session_id",),
        secret_fields=("session_id",),
        why_no_sync="",
        needs_date_limit=False,
        stale_after_days=3,
        make_config=lambda values: SharePointConfig(session_id=Secret(values["session_id"])),
    ),
)

CONNECTOR_TYPES = {connector_type.key: connector_type for connector_type in _TYPES}


def type_label(key: str) -> str:
    """The type's name for people; a type that we do not know is shown as it came."""
    known = CONNECTOR_TYPES.get(key)
    return known.label if known else key


def type_icon(key: str) -> str:
    known = CONNECTOR_TYPES.get(key)
    return known.icon if known else "plug"
