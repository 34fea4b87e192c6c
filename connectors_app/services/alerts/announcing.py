"""What people are to be told of an incident, and when it is too early to tell them again.

The first news goes out at once, and the first recovery. What comes and goes after that waits until an hour has
passed since people were last told: then they are told how it is.
"""

from datetime import datetime, timedelta
from typing import Any

from connectors_app.choices import EventKind
from connectors_app.models import Connector, Incident, IncidentEvent

QUIET_WINDOW = timedelta(hours=1)
REMIND_AFTER = timedelta(days=1)
CLOSED = "closed"
_ERROR_LENGTH = 500


def announce(incident: Incident, facts: dict[str, Any], *, now: datetime) -> list[IncidentEvent]:
    """The event that says how the incident is, if people were last told otherwise. Saving both is the caller's."""
    state = incident.kind if incident.is_open else CLOSED
    if state == (incident.announced or CLOSED) or _too_early(incident, now=now):
        return []
    kind = EventKind.CHANGED
    if not incident.is_open:
        kind = EventKind.CLOSED
    elif incident.announced in ("", CLOSED):
        kind = EventKind.OPENED
    incident.announced = state
    return [_event(incident, kind, facts, now=now)]


def remind(incident: Incident, facts: dict[str, Any], *, now: datetime) -> IncidentEvent:
    """The event that says that it is still open; saving both is the caller's."""
    return _event(incident, EventKind.REMINDER, facts, now=now)


def _event(incident: Incident, kind: EventKind, facts: dict[str, Any], *, now: datetime) -> IncidentEvent:
    incident.announced_at = now
    incident.events_count += 1
    return IncidentEvent(
        organization_id=incident.organization_id,
        incident=incident,
        number=incident.events_count,
        kind=kind,
        at=now,
        facts=facts,
    )


def _too_early(incident: Incident, *, now: datetime) -> bool:
    if incident.is_open and incident.is_snoozed(now=now):
        return True
    if incident.announced_at is None or (not incident.is_open and not incident.reopened):
        return False
    return incident.announced_at > now - QUIET_WINDOW


def facts_of(incident: Incident) -> dict[str, Any]:
    """What a message says of it, as it is now."""
    if incident.connector is not None:
        return facts_of_connector(incident, incident.connector)
    return facts_of_key(incident)


def facts_of_connector(incident: Incident, connector: Connector) -> dict[str, Any]:
    return _facts(incident) | {
        "connector_id": str(connector.connector_id),
        "connector_type": connector.type,
        "label": connector.label,
        "bigdata_user_id": connector.bigdata_user_id,
        "error": connector.last_sync_error_msg[:_ERROR_LENGTH] if connector.last_sync_failed else "",
        "failures_in_a_row": connector.failures_in_a_row,
    }


def facts_of_key(incident: Incident) -> dict[str, Any]:
    return _facts(incident) | {"member": incident.member.email if incident.member else ""}


def _facts(incident: Incident) -> dict[str, Any]:
    return {
        "kind": incident.kind,
        "cause": incident.cause,
        "since": incident.opened_at.isoformat(),
        "ending": incident.ending,
    }
