"""What can't be done with a connector as it is, and why."""

from datetime import timedelta

from django.utils import timezone

from connectors_app.choices import OperationKind
from connectors_app.connector_types import CONNECTOR_TYPES
from connectors_app.models import Connector

# No sign of a sync that was asked for longer ago: it may never have begun, and keeps nobody from another.
_SYNC_AT_MOST = timedelta(minutes=15)


def why_not(connector: Connector, kind: OperationKind) -> str:
    """Why the connector, as it is, does not allow it. Roles and keys are another matter."""
    if connector.gone_at is not None:
        return "It is gone: Bigdata.com no longer knows it."
    if connector.deletion_asked_at is not None:
        return "It is being deleted."
    if kind == OperationKind.SYNC:
        return _why_no_sync(connector)
    if kind == OperationKind.UPDATE:
        return _why_no_edit(connector)
    if kind == OperationKind.ARCHIVE and connector.archived:
        return "It is archived already."
    return ""


def _why_no_sync(connector: Connector) -> str:
    known = CONNECTOR_TYPES.get(connector.type)
    if known is None:
        return "The dashboard does not know this type of connector."
    if known.why_no_sync:
        return known.why_no_sync
    if connector.archived:
        return "It is archived: nothing is taken in any more."
    asked_at = connector.sync_asked_at
    is_under_way = asked_at is not None and timezone.now() - asked_at < _SYNC_AT_MOST
    return "A sync is in progress." if is_under_way else ""


def _why_no_edit(connector: Connector) -> str:
    return "" if connector.type in CONNECTOR_TYPES else "The dashboard does not know this type of connector."
