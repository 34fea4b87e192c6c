"""What the page of a connector says beside its state: its incident, who deleted it, its successor."""

from typing import Any

from connectors_app.choices import OperationKind
from connectors_app.models import Connector, Member
from connectors_app.permissions import Permission, may, may_change, visible_connectors
from connectors_app.services.alerts.incident_list import open_of
from connectors_app.services.deletion import deletion_of
from connectors_app.services.replacing import (
    REPLACEABLE_TYPE,
    successor_of,
    trial_of,
    why_no_replacement,
)

_LINE_AT_MOST = 10


def notes_context(member: Member, connector: Connector) -> dict[str, Any]:
    """For `templates/connector/_notes.html`. Only what the member may see is named."""
    notes: dict[str, Any] = {"deletion": deletion_of(connector), "incident": open_of(connector)}
    notes["may_handle"] = may(member, Permission.SNOOZE_ERRORS)
    if connector.type == REPLACEABLE_TYPE:
        notes |= _replacement(member, connector)
    return notes


def _replacement(member: Member, connector: Connector) -> dict[str, Any]:
    """`replaced` are those in whose place it stands, `still_there` those of them that could be archived."""
    replaced = _visible_predecessors(member, connector)
    replaceable = not why_no_replacement(connector)
    may_edit = may_change(member, connector, OperationKind.UPDATE) and may(member, Permission.CREATE_CONNECTORS)
    return {
        "successor": _visible_successor(member, connector),
        "replaced": replaced,
        "still_there": [
            old for old in replaced if not old.archived and old.gone_at is None and old.deletion_asked_at is None
        ],
        "trial": trial_of(connector) if replaced else None,
        "may_replace": may_edit and replaceable,
        "ask_owner": replaceable and not may_edit,
    }


def _visible_successor(member: Member, connector: Connector) -> Connector | None:
    successor = successor_of(connector)
    return None if successor is None else visible_connectors(member).filter(pk=successor.pk).first()


def _visible_predecessors(member: Member, connector: Connector) -> list[Connector]:
    """Those in whose place it stands, the latest first: a successor that failed has one of its own."""
    line: list[Connector] = []
    older: Connector | None = connector
    while older is not None and older.predecessor_id is not None and len(line) < _LINE_AT_MOST:
        older = visible_connectors(member).filter(pk=older.predecessor_id).first()
        line += [older] if older is not None else []
    return line
