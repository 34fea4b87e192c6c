"""What upstream answers and what it is sent, as frozen dataclasses.

Field names are those of docs/bigdata-api.openapi.yaml. Answers survive unknown fields (kept in `extra`),
types and statuses; anything that we rely on and that is not as promised is an UnexpectedAnswer.
"""

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from .parsing import Fields
from .secret import Secret
from .text import storable


@dataclass(frozen=True, slots=True)
class ConnectorData:
    """A connector as upstream shows it (schema Connector). Times are in UTC. It never holds a secret.

    `config` of an email connector holds allowed_emails, email_hash and email (the inbox address); of
    investment_research user_id; of sharepoint nothing. `last_sync_status` is an open set.
    """

    connector_id: UUID
    type: str
    label: str
    description: str
    share_with_org: bool
    archived: bool
    user_id: str
    org_id: str
    created_at: datetime
    updated_at: datetime
    config: dict[str, Any]
    files_count: int | None
    last_sync_at: datetime | None
    last_sync_status: str | None
    last_sync_error_msg: str | None
    last_sync_count: int | None
    extra: dict[str, Any]

    @classmethod
    def from_json(cls, value: object) -> "ConnectorData":
        """Read one connector from parsed JSON. UnexpectedAnswer if it is not one."""
        read = Fields(value, "a connector")
        return cls(
            connector_id=read.uuid("connector_id"),
            type=read.text("type"),
            label=read.text("label"),
            description=read.optional_text("description") or "",
            share_with_org=read.flag("share_with_org"),
            archived=read.flag("archived"),
            user_id=read.text("user_id"),
            org_id=read.text("org_id"),
            created_at=read.moment("created_at"),
            updated_at=read.moment("updated_at"),
            config=read.optional_object("config") or {},
            files_count=read.optional_count("files_count"),
            last_sync_at=read.optional_moment("last_sync_at"),
            last_sync_status=read.optional_text("last_sync_status"),
            last_sync_error_msg=read.optional_text("last_sync_error_msg"),
            last_sync_count=read.optional_count("last_sync_count"),
            extra=read.others(_CONNECTOR_FIELDS),
        )


@dataclass(frozen=True, slots=True)
class DocumentData:
    """A document as upstream shows it (schema Document). `raw_size` is in bytes, times are in UTC.

    `tags` are the tags' names, such as "from:someone@example.com" on what an inbox took in.
    """

    id: str
    file_name: str
    user_id: str
    org_id: str
    status: str
    created_at: datetime
    updated_at: datetime
    rp_collection_id: str | None
    raw_size: int | None
    request_origin: str | None
    content_type: str | None
    shared_with_orgs: tuple[str, ...]
    published_at: datetime | None
    connector_id: UUID | None
    error_code: str | None
    delete_started_ts: str | None
    file_metadata: dict[str, Any]
    tags: tuple[str, ...]
    extra: dict[str, Any]

    @classmethod
    def from_json(cls, value: object) -> "DocumentData":
        """Read one document from parsed JSON. UnexpectedAnswer if it is not one."""
        read = Fields(value, "a document")
        return cls(
            id=read.text("id"),
            file_name=read.text("file_name"),
            user_id=read.text("user_id"),
            org_id=read.text("org_id"),
            status=read.text("status"),
            created_at=read.moment("created_at"),
            updated_at=read.moment("updated_at"),
            rp_collection_id=read.optional_text("rp_collection_id"),
            raw_size=read.optional_count("raw_size"),
            request_origin=read.optional_text("request_origin"),
            content_type=read.optional_text("content_type"),
            shared_with_orgs=_texts(read.items("shared_with_orgs")),
            published_at=read.optional_moment("published_at"),
            connector_id=read.optional_uuid("connector_id"),
            error_code=read.optional_text("error_code"),
            delete_started_ts=read.optional_text("delete_started_ts"),
            file_metadata=read.optional_object("file_metadata") or {},
            tags=_texts([_tag_name(tag) for tag in read.items("tags")]),
            extra=read.others(_DOCUMENT_FIELDS),
        )


@dataclass(frozen=True, slots=True)
class SyncAccepted:
    """A sync that upstream queued (schema SyncAccepted); `date_limit` is echoed for broker research only."""

    connector_id: UUID
    status: str
    date_limit: date | None

    @classmethod
    def from_json(cls, value: object) -> "SyncAccepted":
        """Read the answer from parsed JSON. UnexpectedAnswer if it is not one."""
        read = Fields(value, "the answer")
        return cls(read.uuid("connector_id"), read.text("status"), read.optional_date("date_limit"))


@dataclass(frozen=True, slots=True)
class EmailConfig:
    """Who may send to the inbox."""

    type: ClassVar[str] = "email"
    allowed_emails: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the config object that upstream takes."""
        return {"allowed_emails": list(self.allowed_emails)}


@dataclass(frozen=True, slots=True)
class BrokerConfig:
    """The credentials of a broker research feed; fixed when the connector is created."""

    type: ClassVar[str] = "investment_research"
    user_id: str
    user_password: Secret

    def to_json(self) -> dict[str, Any]:
        """Return the config object that upstream takes; the password is still a Secret."""
        return {"user_id": self.user_id, "user_password": self.user_password}


@dataclass(frozen=True, slots=True)
class SharePointConfig:
    """The session that gives access to a SharePoint library."""

    type: ClassVar[str] = "sharepoint"
    session_id: Secret

    def to_json(self) -> dict[str, Any]:
        """Return the config object that upstream takes; the session id is still a Secret."""
        return {"session_id": self.session_id}


@dataclass(frozen=True, slots=True)
class NewConnector:
    """A connector to be created (schema ConnectorCreate)."""

    label: str
    description: str
    share_with_org: bool
    config: EmailConfig | BrokerConfig | SharePointConfig

    @property
    def type(self) -> str:
        """Return the connector type that the config belongs to."""
        return self.config.type

    def to_json(self) -> dict[str, Any]:
        """Return the body of the POST; secrets in it are still Secrets."""
        return {
            "type": self.type,
            "label": self.label,
            "description": self.description,
            "share_with_org": self.share_with_org,
            "config": self.config.to_json(),
        }


@dataclass(frozen=True, slots=True)
class ConnectorChanges:
    """Every editable field of a connector (schema ConnectorUpdate): the PUT clears what is left out.

    `config` is for email connectors only; upstream refuses or ignores it for the others, so it is None there.
    """

    label: str
    description: str
    share_with_org: bool
    config: EmailConfig | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the body of the PUT."""
        body: dict[str, Any] = {
            "label": self.label,
            "description": self.description,
            "share_with_org": self.share_with_org,
        }
        if self.config is not None:
            body["config"] = self.config.to_json()
        return body


_CONNECTOR_FIELDS = frozenset(field.name for field in fields(ConnectorData)) - {"extra"}
_DOCUMENT_FIELDS = frozenset(field.name for field in fields(DocumentData)) - {"extra"}


def _texts(values: list[Any]) -> tuple[str, ...]:
    """Return the texts among `values`; anything else is not worth refusing a document for."""
    return tuple(storable(value) for value in values if isinstance(value, str))


def _tag_name(tag: object) -> object:
    return tag.get("name") if isinstance(tag, dict) else tag
