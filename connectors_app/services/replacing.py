"""Other credentials for a broker connector. The API can't change them, so a successor takes its place.

The successor is created with the same label, description and sharing. Once it has synced well, the
predecessor is archived, by a person who looked. Each knows the other.
"""

from enum import StrEnum
from uuid import UUID

from connectors_app.choices import OperationKind, Outcome
from connectors_app.connector_types import CONNECTOR_TYPES
from connectors_app.models import Connector, Member, Operation
from connectors_app.services.actions import why_not
from connectors_app.services.connectors import create_connector
from connectors_app.services.syncs import last_good_sync

REPLACEABLE_TYPE = "investment_research"


class Trial(StrEnum):
    """How a successor's credentials do: they are good once a sync with them was."""

    WAITING = "waiting"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    GIVEN_UP = "given up"


def successor_of(connector: Connector) -> Connector | None:
    """The connector that was created with other credentials in its place."""
    successor: Connector | None = getattr(connector, "successor", None)
    return successor


def trial_of(successor: Connector) -> Trial:
    """One that takes nothing in any more is given up, however its syncs went."""
    if successor.archived or successor.gone_at is not None or successor.deletion_asked_at is not None:
        return Trial.GIVEN_UP
    if last_good_sync(successor) is not None:
        return Trial.SUCCEEDED
    return Trial.FAILED if successor.last_sync_failed else Trial.WAITING


def why_no_replacement(connector: Connector) -> str:
    """Why the connector's credentials can't be replaced; empty where they can."""
    if connector.type != REPLACEABLE_TYPE:
        return "Only broker research connectors have credentials that can be replaced here."
    if successor_of(connector) is not None:
        return "Its credentials were replaced already, by a successor."
    # What can't be edited any more can't be replaced any more.
    return why_not(connector, OperationKind.UPDATE)


def open_replacement(connector: Connector) -> Operation | None:
    """A replacement that was sent and of which it is not known yet whether it happened."""
    creates = Operation.objects.filter(
        organization=connector.organization_id,
        outcome__in=[Outcome.PENDING, Outcome.UNKNOWN],
        kind=OperationKind.CREATE,
        request__replaces=str(connector.connector_id),
    )
    return creates.select_related("actor").first()


def replace_credentials(
    connector: Connector, *, member: Member, operation_id: UUID, user_id: str, user_password: str
) -> Operation:
    """Create the successor, with the member's own key. How it went is in the operation. Raises KeyProblem."""
    return create_connector(
        member=member,
        operation_id=operation_id,
        connector_type=CONNECTOR_TYPES[REPLACEABLE_TYPE],
        label=connector.label,
        description=connector.description,
        share_with_org=connector.share_with_org,
        config={"user_id": user_id, "user_password": user_password},
        replaces=connector.connector_id,
    )
