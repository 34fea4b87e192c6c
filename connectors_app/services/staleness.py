"""When nothing new has come in for too long: the organization's limits, by connector type."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from connectors_app.connector_types import CONNECTOR_TYPES
from connectors_app.models import Connector, Organization

# By type; None: never stale.
Limits = Mapping[str, timedelta | None]


def days_of(organization: Organization) -> dict[str, int]:
    """The limits in force, in days (0: never stale): its own, and the types' usual ones where it has none."""
    return {key: organization.stale_after.get(key, each.stale_after_days) for key, each in CONNECTOR_TYPES.items()}


def limits_of(organization: Organization) -> Limits:
    """The limits in force."""
    return {key: timedelta(days=number) if number else None for key, number in days_of(organization).items()}


def stale_at(connector: Connector, limits: Limits) -> datetime | None:
    """When it becomes stale unless something new comes in; None where that can't be told, or never."""
    limit = limits.get(connector.type)
    since = None if limit is None else _last_news(connector)
    return None if limit is None or since is None else since + limit


def _last_news(connector: Connector) -> datetime | None:
    """Its last sync; an inbox has none, there it is the newest mail, or its creation if nothing ever came in."""
    if not CONNECTOR_TYPES[connector.type].why_no_sync:
        return connector.last_sync_at
    is_empty = connector.documents_seen_at is not None and connector.newest_document_at is None
    return connector.created_at if is_empty else connector.newest_document_at
