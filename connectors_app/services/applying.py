"""What an answer makes of one connector's snapshot. Nothing here reads or writes a row."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from connectors_app.bigdata import ConnectorData
from connectors_app.models import Connector
from connectors_app.models.connector import SORT_LABEL_LENGTH
from connectors_app.services.staleness import Limits, stale_at

# What `apply` may change: what the API tells, and what follows from it.
API_FIELDS = (
    *("type", "label", "sort_label", "description", "share_with_org", "archived"),
    *("bigdata_user_id", "bigdata_org_id", "created_at", "updated_at", "config", "files_count", "extra"),
    *("last_sync_at", "last_sync_status", "last_sync_error_msg", "last_sync_count"),
)
OWN_FIELDS = (
    *("state", "state_since", "refreshed_at", "gone_at", "sync_asked_at", "stale_at", "newest_document_at"),
    *("failing_since", "failures_in_a_row", "error_group"),
)
_SKEW = timedelta(minutes=1)


def new_snapshot(organization_id: int, data: ConnectorData, limits: Limits, *, asked_at: datetime) -> Connector:
    connector = Connector(
        organization_id=organization_id,
        connector_id=data.connector_id,
        refreshed_at=asked_at,
        state_since=asked_at,
        **_values(data),
    )
    connector.stale_at = stale_at(connector, limits)
    connector.settle_state(seen_by_working_key=True, now=asked_at)
    return connector


def apply(connector: Connector, data: ConnectorData, limits: Limits, *, asked_at: datetime) -> bool:
    """Whether anything about the connector changed."""
    changed = connector.gone_at is not None
    connector.gone_at = None
    if connector.last_sync_at != data.last_sync_at:
        connector.sync_asked_at = None
    if (data.files_count or 0) > (connector.files_count or 0):
        connector.newest_document_at = asked_at  # At the latest; the documents tell exactly when.
    for name, value in _values(data).items():
        if getattr(connector, name) != value:
            setattr(connector, name, value)
            changed = True
    was_stale_at, connector.stale_at = connector.stale_at, stale_at(connector, limits)
    changed = changed or connector.stale_at != was_stale_at
    return connector.settle_state(seen_by_working_key=True, now=asked_at) or changed


def is_older(asked_at: datetime, connector: Connector) -> bool:
    """Whether we know something newer. What is of the future is left from before a clock was set back."""
    return asked_at < connector.refreshed_at <= timezone.now() + _SKEW


def _values(data: ConnectorData) -> dict[str, Any]:
    return {
        "type": data.type,
        "label": data.label,
        "sort_label": data.label.casefold()[:SORT_LABEL_LENGTH],
        "description": data.description,
        "share_with_org": data.share_with_org,
        "archived": data.archived,
        "bigdata_user_id": data.user_id,
        "bigdata_org_id": data.org_id,
        "created_at": data.created_at,
        "updated_at": data.updated_at,
        "config": data.config,
        "files_count": data.files_count,
        "last_sync_at": data.last_sync_at,
        "last_sync_status": data.last_sync_status or "",
        "last_sync_error_msg": data.last_sync_error_msg or "",
        "last_sync_count": data.last_sync_count,
        "extra": data.extra,
    }
