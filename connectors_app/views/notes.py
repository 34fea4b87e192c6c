"""What the page of a connector says beside its state: its incident, who deleted it, its successor."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from connectors_app.choices import KeyStatus, OperationKind, State
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
    if connector.state == State.KEY_REJECTED:
        notes["key_remedy"] = _key_remedy(member, connector)
    notes["may_handle"] = may(member, Permission.SNOOZE_ERRORS)
    if connector.type == REPLACEABLE_TYPE:
        notes |= _replacement(member, connector)
    return notes


@dataclass(frozen=True, slots=True)
class KeyRemedy:
    """Who has to do what before a key sees the connector again, and the page for it where the viewer has one."""

    text: str
    url: str = ""
    action: str = ""


def _key_remedy(member: Member, connector: Connector) -> KeyRemedy:
    owners = Member.objects.filter(organization=member.organization_id, bigdata_user_id=connector.bigdata_user_id)
    owner = owners.select_related("api_key").order_by("-is_active", "pk").first()
    if owner == member:
        page = f"{reverse('api_keys')}?next={reverse('connector_detail', args=[connector.connector_id])}"
        return KeyRemedy(_whose_turn("You", "have", owner), page, "To your API key")
    if owner is None:
        text = f"Its owner, {connector.bigdata_user_id} at Bigdata.com, has to add an API key here."
    else:
        text = _whose_turn(f"Its owner {owner.email}", "has", owner)
    if not may(member, Permission.SEE_KEYS):
        return KeyRemedy(text)
    return KeyRemedy(text, reverse("organization_keys"), "See the organization's keys")


def _whose_turn(who: str, has: str, owner: Member) -> str:
    whose = "your" if who == "You" else "their"
    if not owner.is_active:
        return f"{who} can no longer sign in here, so their API key is not used."
    if owner.key is None:
        return f"{who} {has} to add {whose} API key."
    if owner.key.status == KeyStatus.DISABLED:
        return f"{who} {has} to use another API key, or an admin to enable the one that was disabled."
    return f"{who} {has} to replace {whose} API key."


def _replacement(member: Member, connector: Connector) -> dict[str, Any]:
    """`replaced` are those in whose place it stands, `still_there` those of them that could be archived."""
    replaced = _visible_predecessors(member, connector)
    successor = _visible_successor(member, connector)
    replaceable = not why_no_replacement(connector)
    may_edit = may_change(member, connector, OperationKind.UPDATE) and may(member, Permission.CREATE_CONNECTORS)
    return {
        "successor": successor,
        "successor_trial": trial_of(successor) if successor else None,
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
