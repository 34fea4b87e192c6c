"""What all pages of one connector share: its title, its actions, its tabs (`templates/connector/frame.html`)."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from connectors_app.choices import OperationKind, State
from connectors_app.connector_types import CONNECTOR_TYPES
from connectors_app.models import Connector, Member
from connectors_app.permissions import may_change, who_may
from connectors_app.services.actions import why_not
from connectors_app.services.changes import why_no_key

_ACTIONS = (
    (OperationKind.SYNC, "Sync now", "connector_sync"),
    (OperationKind.UPDATE, "Edit", "connector_edit"),
    (OperationKind.ARCHIVE, "Archive", "connector_archive"),
    (OperationKind.DELETE, "Delete for good", "connector_delete"),
)


@dataclass(frozen=True, slots=True)
class ActionLink:
    """`why_not` is empty where the action is possible; otherwise the link is shown disabled, and the reason below.

    `is_main`: the one that helps most, unless something else on the page does.
    """

    kind: OperationKind
    label: str
    url: str
    why_not: str
    is_main: bool


def frame_context(member: Member, connector: Connector, *, tab: str) -> dict[str, Any]:
    actions = _actions(member, connector)
    sync = next((each for each in actions if each.kind == OperationKind.SYNC), None)
    return {"connector": connector, "tab": tab, "actions": actions, "sync": sync, "why_not": _reasons(actions)}


def _reasons(actions: list[ActionLink]) -> dict[str, list[str]]:
    """Why what can't be done can't be, and what of the actions that is, so that the same is said once."""
    reasons: dict[str, list[str]] = {}
    for each in actions:
        if each.why_not:
            reasons.setdefault(each.why_not, []).append(each.label)
    return reasons


def _actions(member: Member, connector: Connector) -> list[ActionLink]:
    # Asked twice, not once per action: the answer may take a query, and only a sync differs.
    may_sync = may_change(member, connector, OperationKind.SYNC)
    may_edit = may_change(member, connector, OperationKind.UPDATE)
    no_key = why_no_key(connector, member) if may_sync or may_edit else ""
    links = []
    for kind, label, name in _ACTIONS:
        if kind == OperationKind.SYNC and _never_syncs(connector):
            continue
        allowed = may_sync if kind == OperationKind.SYNC else may_edit
        reason = why_not(connector, kind) or (no_key if allowed else who_may(kind))
        is_main = kind == OperationKind.SYNC and _a_sync_may_help(connector)
        links.append(ActionLink(kind, label, reverse(name, args=[connector.connector_id]), reason, is_main))
    return links


def _never_syncs(connector: Connector) -> bool:
    """Its type has no syncs to ask for: a button that can never work is no button."""
    known = CONNECTOR_TYPES.get(connector.type)
    return known is not None and bool(known.why_no_sync)


def _a_sync_may_help(connector: Connector) -> bool:
    """Not where its syncs fail of what no sync mends."""
    group = connector.error_group if connector.state == State.FAILING else None
    return group is None or group.get_cause().help.target == "connector_sync"
