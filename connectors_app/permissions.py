"""Who may do what: the one table, the one decorator for views, and the one lookup per tenant for objects."""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any, cast
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404

from connectors_app.choices import OperationKind, Role
from connectors_app.models import Connector, Member, Operation
from connectors_app.models.connector import ConnectorQuerySet

View = Callable[..., HttpResponseBase]


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
}
_ADMIN = {Permission.CHANGE_ANY_CONNECTOR, Permission.DISABLE_KEYS, Permission.MANAGE_MEMBERS}

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.ANALYST: _ANALYST,
    Role.ADMIN: _ANALYST | _SUPPORT | _ADMIN,
    Role.SUPPORT: _SUPPORT,
}


def may(member: Member, permission: Permission) -> bool:
    return permission in PERMISSIONS[member.get_role()]


def may_change(member: Member, connector: Connector, kind: OperationKind) -> bool:
    """Whether the member's role allows the change of this (visible) connector."""
    own, any_other = (
        (Permission.ASK_FOR_SYNC, Permission.ASK_FOR_ANY_SYNC)
        if kind == OperationKind.SYNC
        else (Permission.CHANGE_OWN_CONNECTORS, Permission.CHANGE_ANY_CONNECTOR)
    )
    return may(member, any_other) or (may(member, own) and connector.could_belong_to(member))


def require_change(member: Member, connector: Connector, kind: OperationKind) -> None:
    """Raises PermissionDenied unless the member may change this connector."""
    if not may_change(member, connector, kind):
        raise PermissionDenied("Only its owner or an admin can do this.")


def current_member(request: HttpRequest) -> Member:
    """The signed-in member. Only for views behind `requires`."""
    return cast(Member, request.user)


def requires(permission: Permission) -> Callable[[View], View]:
    """A view for members who have `permission`; others get a 403 (LoginRequiredMiddleware sees to sign-in)."""

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not may(current_member(request), permission):
                raise PermissionDenied(f"Your role does not allow you to {permission.value}.")
            return view(request, *args, **kwargs)

        checked.permission = permission  # type: ignore[attr-defined]  # read by the test that walks every URL
        return checked

    return decorate


def visible_connectors(member: Member) -> ConnectorQuerySet:
    """The connectors that the member may see: never another organization's."""
    connectors = Connector.objects.of(member.organization)
    if may(member, Permission.SEE_PRIVATE_CONNECTORS):
        return connectors
    return connectors.own_or_shared(member)


def get_connector(member: Member, connector_id: UUID) -> Connector:
    """One visible connector, else a 404: not to be told apart from one that does not exist."""
    return get_object_or_404(visible_connectors(member), connector_id=connector_id)


def get_own_operation(member: Member, operation_id: UUID) -> Operation:
    """An operation that the member asked for, else a 404."""
    return get_object_or_404(Operation.objects.filter(actor=member), pk=operation_id)
