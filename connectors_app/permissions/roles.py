"""Which role may do what: the one table."""

from enum import StrEnum

from connectors_app.choices import OperationKind, Role
from connectors_app.models import Connector, Member


class Permission(StrEnum):
    SEE_CONNECTORS = "see connectors"
    SEE_PRIVATE_CONNECTORS = "see other members' private connectors"
    CREATE_CONNECTORS = "create connectors"
    CHANGE_OWN_CONNECTORS = "change connectors"
    CHANGE_ANY_CONNECTOR = "change other members' connectors"
    ASK_FOR_SYNC = "ask for a sync"
    ASK_FOR_ANY_SYNC = "ask for a sync of other members' connectors"
    MANAGE_OWN_KEY = "manage one's own API key"
    SEE_KEYS = "see whose API key works"
    DISABLE_KEYS = "disable other members' API keys"
    MANAGE_OWN_ACCOUNT = "manage one's own account"
    MANAGE_MEMBERS = "manage members"
    SEE_OWN_AUDIT = "see one's own actions"
    SEE_AUDIT = "see everybody's actions"
    CHANGE_LIMITS = "change the organization's limits"
    SNOOZE_ERRORS = "snooze errors and incidents"
    MANAGE_CHANNELS = "manage the organization's alert channels"
    SEE_SHARING = "see what is shared, and by whom"


_EVERYONE = frozenset(
    {
        Permission.SEE_CONNECTORS,
        Permission.MANAGE_OWN_KEY,
        Permission.ASK_FOR_SYNC,
        Permission.MANAGE_OWN_ACCOUNT,
        Permission.SEE_OWN_AUDIT,
    }
)
_ANALYST = _EVERYONE | {Permission.CREATE_CONNECTORS, Permission.CHANGE_OWN_CONNECTORS}
_SUPPORT = _EVERYONE | {
    Permission.SEE_PRIVATE_CONNECTORS,
    Permission.ASK_FOR_ANY_SYNC,
    Permission.SEE_KEYS,
    Permission.SEE_AUDIT,
    Permission.SEE_SHARING,
    Permission.SNOOZE_ERRORS,
}
_ADMIN = {
    Permission.CHANGE_ANY_CONNECTOR,
    Permission.DISABLE_KEYS,
    Permission.MANAGE_MEMBERS,
    Permission.CHANGE_LIMITS,
    Permission.MANAGE_CHANNELS,
}

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.ANALYST: _ANALYST,
    Role.ADMIN: _ANALYST | _SUPPORT | _ADMIN,
    Role.SUPPORT: _SUPPORT,
}


def may(member: Member, permission: Permission) -> bool:
    return permission in PERMISSIONS[member.get_role()]


def may_change(member: Member, connector: Connector, kind: OperationKind) -> bool:
    """Whether the member's role allows the change of this (visible) connector."""
    own, any_other = permissions_for(kind)
    return may(member, any_other) or (may(member, own) and connector.could_belong_to(member))


def who_may(kind: OperationKind) -> str:
    """In words, for somebody who may not change a connector so."""
    if kind == OperationKind.SYNC:
        return "Only its owner, support or an admin can ask for a sync."
    return "Only its owner or an admin can do this."


def permissions_for(kind: OperationKind) -> tuple[Permission, Permission]:
    """What changing one's own connector takes, and what changing any takes."""
    if kind == OperationKind.SYNC:
        return Permission.ASK_FOR_SYNC, Permission.ASK_FOR_ANY_SYNC
    return Permission.CHANGE_OWN_CONNECTORS, Permission.CHANGE_ANY_CONNECTOR
