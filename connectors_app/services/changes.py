"""Changing a connector: save, sync, archive, delete for good. Each is an operation, sent once.

With whose key: one's own where the connector could be one's own, else its owner's, and that is recorded.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from connectors_app.bigdata import BigdataClient, ConnectorChanges, ConnectorData, EmailConfig
from connectors_app.choices import OperationKind
from connectors_app.models import ApiKey, Connector, Member, Operation
from connectors_app.services import operations, snapshots
from connectors_app.services.outcomes import ending
from connectors_app.services.upstream import KeyProblem, UpstreamError, calling, usable_key_of

# Answers that tell the connector's new fields give them; others (sync, some deletions) give None.
Send = Callable[[BigdataClient], ConnectorData | None]


class EditConflict(Exception):
    """Somebody changed the connector since the form was opened; `connector` is how it is now."""

    def __init__(self, connector: Connector) -> None:
        super().__init__("The connector was changed meanwhile.")
        self.connector = connector


@dataclass(frozen=True, slots=True)
class Values:
    """What an edit sends: everything that a replacement can hold (contract: `ConnectorUpdate`)."""

    label: str
    description: str
    share_with_org: bool
    allowed_emails: list[str] | None = None

    @classmethod
    def of(cls, connector: Connector) -> "Values":
        senders = connector.allowed_emails if connector.type == "email" else None
        return cls(connector.label, connector.description, connector.share_with_org, senders)

    def as_request(self) -> dict[str, Any]:
        """As the operation remembers it; nothing here is secret."""
        config = {} if self.allowed_emails is None else {"config": {"allowed_emails": self.allowed_emails}}
        fields = {"label": self.label, "description": self.description, "share_with_org": self.share_with_org}
        return fields | config

    def as_changes(self) -> ConnectorChanges:
        config = None if self.allowed_emails is None else EmailConfig(tuple(self.allowed_emails))
        return ConnectorChanges(self.label, self.description, self.share_with_org, config)


def key_for_change(connector: Connector, member: Member) -> ApiKey:
    """The key that a change goes out with. Raises KeyProblem."""
    if connector.could_belong_to(member):
        return usable_key_of(member)
    owner = Member.objects.filter(
        organization=member.organization_id, bigdata_user_id=connector.bigdata_user_id, is_active=True
    )
    keys = ApiKey.objects.usable().filter(member__in=owner).select_related("member", "organization")
    api_key = keys.order_by("created_at").first()
    if api_key is None:
        raise KeyProblem("This takes its owner's API key, and its owner has none here that works.")
    return api_key


def why_no_key(connector: Connector, member: Member) -> str:
    """Why a colleague's connector can't be changed for want of their key. One's own key is looked at later."""
    if connector.could_belong_to(member):
        return ""
    try:
        key_for_change(connector, member)
    except KeyProblem as problem:
        return problem.message
    return ""


def read_for_edit(connector: Connector, *, member: Member) -> Connector:
    """The connector as it is upstream now. Raises UpstreamError, KeyProblem."""
    api_key = key_for_change(connector, member)
    asked_at = timezone.now()
    with calling(api_key) as client:
        data = client.get_connector(connector.connector_id)
    return snapshots.take_one(api_key, data, asked_at=asked_at)


def save_changes(
    connector: Connector, *, member: Member, operation_id: UUID, version: datetime, values: Values
) -> Operation:
    """Replace the connector's fields if it still is as it was at `version` (its `updated_at`).

    Raises EditConflict, UpstreamError and KeyProblem, in which cases nothing was sent.
    """
    sent_before = operations.find(operation_id, member)
    if sent_before is not None:
        return sent_before
    current = read_for_edit(connector, member=member)
    if current.updated_at != version:
        raise EditConflict(current)
    return _carry_out(
        current,
        member=member,
        operation_id=operation_id,
        kind=OperationKind.UPDATE,
        request=values.as_request() | {"before": _changed(Values.of(current), values)},
        send=lambda client: client.update_connector(connector.connector_id, values.as_changes()),
    )


def _changed(before: Values, after: Values) -> dict[str, Any]:
    """The fields that differ, as they were."""
    asked = asdict(after)
    return {name: was for name, was in asdict(before).items() if was != asked[name]}


def archive(connector: Connector, *, member: Member, operation_id: UUID) -> Operation:
    """Take in nothing more; the documents stay. Archiving twice is no error. Raises KeyProblem."""
    return _carry_out(
        connector,
        member=member,
        operation_id=operation_id,
        kind=OperationKind.ARCHIVE,
        send=lambda client: client.archive_connector(connector.connector_id),
    )


def delete_for_good(connector: Connector, *, member: Member, operation_id: UUID) -> Operation:
    """Ask for the asynchronous deletion of the connector and its documents; 404 ends it. Raises KeyProblem."""

    def send(client: BigdataClient) -> None:
        # The answer may still show the connector as it was: that it is being deleted is what we know.
        client.delete_connector(connector.connector_id)

    return _carry_out(connector, member=member, operation_id=operation_id, kind=OperationKind.DELETE, send=send)


def ask_for_sync(
    connector: Connector, *, member: Member, operation_id: UUID, date_limit: date | None
) -> Operation:
    """Queue a sync; its result shows when a newer `last_sync_at` does. Raises KeyProblem."""

    def send(client: BigdataClient) -> None:
        client.trigger_sync(connector.connector_id, date_limit)

    return _carry_out(
        connector,
        member=member,
        operation_id=operation_id,
        kind=OperationKind.SYNC,
        request={"date_limit": date_limit.isoformat()} if date_limit else {},
        send=send,
    )


def _carry_out(
    connector: Connector,
    *,
    member: Member,
    operation_id: UUID,
    kind: OperationKind,
    send: Send,
    request: dict[str, Any] | None = None,
) -> Operation:
    api_key = key_for_change(connector, member)
    try:
        with calling(api_key) as client:
            operation, is_ours = operations.begin(
                operation_id=operation_id,
                actor=member,
                key_owner=api_key.member,
                kind=kind,
                connector_type=connector.type,
                request=request or {},
                connector=connector,
            )
            if not is_ours:
                return operation
            data = send(client)
    except UpstreamError as error:
        operations.end_in_trouble(operation, error)
        return operation
    with ending():
        if data is not None:
            connector = snapshots.take_one(api_key, data, asked_at=timezone.now(), is_ours=True)
        operations.succeed(operation, connector)
        note_asked(operation, connector)
    return operation


def note_asked(operation: Operation, connector: Connector) -> None:
    """What was asked for now shows in the connector's state, and its result is looked for soon."""
    now = timezone.now()
    if operation.kind == OperationKind.SYNC:
        Connector.objects.filter(pk=connector.pk).update(sync_asked_at=now)
    elif operation.kind == OperationKind.DELETE:
        Connector.objects.filter(pk=connector.pk).update(deletion_asked_at=now)
    snapshots.settle_states([connector], now=now)
    ApiKey.objects.filter(member=operation.key_owner).update(next_poll_at=now, last_used_at=now)
