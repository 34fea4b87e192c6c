"""Who may do what: the one table, the one decorator for views, and the one lookup per tenant for objects."""

from connectors_app.permissions.requiring import current_member, require, require_change, requires
from connectors_app.permissions.roles import PERMISSIONS, Permission, may, may_change, who_may
from connectors_app.permissions.visible import (
    find,
    get_channel,
    get_colleague,
    get_connector,
    get_error_group,
    get_incident,
    get_invitation,
    get_key,
    get_own_operation,
    may_see,
    record_not_theirs,
    visible_connectors,
    visible_entries,
    visible_incidents,
)

__all__ = [
    "PERMISSIONS",
    "Permission",
    "current_member",
    "find",
    "get_channel",
    "get_colleague",
    "get_connector",
    "get_error_group",
    "get_incident",
    "get_invitation",
    "get_key",
    "get_own_operation",
    "may",
    "may_change",
    "may_see",
    "record_not_theirs",
    "require",
    "require_change",
    "requires",
    "visible_connectors",
    "visible_entries",
    "visible_incidents",
    "who_may",
]
