"""Who may do what: the one table, the one decorator for views, and the one lookup per tenant for objects."""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any, TypeVar, cast
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from connectors_app.choices import AuditAction, AuditResult, OperationKind, Role
from connectors_app.models import (
    ApiKey,
    AuditEntry,
    Channel,
    Connector,
    ErrorGroup,
    Incident,
    Invitation,
    Member,
    Operation,
    SyncRun,
)
from connectors_app.models.connector import ConnectorQuerySet
from connectors_app.services import audit
from connectors_app.services.listing import with_owner_email

View = Callable[..., HttpResponseBase]
Found = TypeVar("Found", bound=Model)


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
    own, any_other = _permissions_for(kind)
    return may(member, any_other) or (may(member, own) and connector.could_belong_to(member))


def _permissions_for(kind: OperationKind) -> tuple[Permission, Permission]:
    """What changing one's own connector takes, and what changing any takes."""
    if kind == OperationKind.SYNC:
        return Permission.ASK_FOR_SYNC, Permission.ASK_FOR_ANY_SYNC
    return Permission.CHANGE_OWN_CONNECTORS, Permission.CHANGE_ANY_CONNECTOR


def require(member: Member, permission: Permission, *, path: str = "") -> None:
    """Raises PermissionDenied, and records it, unless the member's role gives the permission."""
    if not may(member, permission):
        _record_refusal(member, permission, target_type="page" if path else "", target_name=path)
        raise PermissionDenied(f"Your role does not allow you to {permission.value}.")


def require_change(member: Member, connector: Connector, kind: OperationKind) -> None:
    """Raises PermissionDenied, and records it, unless the member may change this connector."""
    if not may_change(member, connector, kind):
        _record_refusal(member, _permissions_for(kind)[1], target=connector)
        raise PermissionDenied("Only its owner or an admin can do this.")


def _record_refusal(member: Member, permission: Permission, **target: Any) -> None:
    audit.record(
        AuditAction.REFUSED_BY_ROLE,
        organization=member.organization,
        actor=member,
        result=AuditResult.REFUSED,
        details={"permission": permission.value},
        **target,
    )


def current_member(request: HttpRequest) -> Member:
    """The signed-in member. Only for views behind `requires`."""
    return cast(Member, request.user)


def requires(permission: Permission) -> Callable[[View], View]:
    """A view for members who have `permission`; others get a 403 (LoginRequiredMiddleware sees to sign-in)."""

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            require(current_member(request), permission, path=request.path)
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


def find(member: Member, visible: QuerySet[Found], identity: object, *, by: str = "pk") -> Found:
    """The one of `visible` with that identity, else a 404: the same whether it is hidden or does not exist.

    The audit trail tells of what exists and is not theirs, and of that nothing but type and id.
    """
    try:
        return visible.get(**{by: identity})
    except ObjectDoesNotExist:
        if visible.model._default_manager.filter(**{by: identity}).exists():
            record_not_theirs(member, visible.model, identity)
        raise Http404 from None


def record_not_theirs(member: Member, model: type[Model], identity: object) -> None:
    audit.record(
        AuditAction.REFUSED_NOT_THEIRS,
        organization=member.organization,
        actor=member,
        result=AuditResult.REFUSED,
        target_type=model._meta.model_name or "",
        target_id=identity,
    )


def may_see(member: Member, connector: Connector) -> bool:
    return visible_connectors(member).filter(pk=connector.pk).exists()


def get_connector(member: Member, connector_id: UUID) -> Connector:
    """One visible connector with its `owner_email` and error, else a 404."""
    visible = with_owner_email(visible_connectors(member)).select_related("error_group")
    return find(member, visible, connector_id, by="connector_id")


def visible_entries(member: Member) -> QuerySet[AuditEntry]:
    """What the member may see of the audit trail: all of the organization's, else what they did themselves.

    Nobody sees what they were refused as not theirs: it would tell them that it exists.
    """
    entries = AuditEntry.objects.filter(organization=member.organization)
    entries = entries.exclude(action=AuditAction.REFUSED_NOT_THEIRS, actor=member)
    return entries if may(member, Permission.SEE_AUDIT) else entries.filter(actor=member)


def get_error_group(member: Member, group_id: UUID) -> ErrorGroup:
    """An error that some connector has or had which the member may see, else a 404."""
    groups = ErrorGroup.objects.filter(organization=member.organization)
    visible = visible_connectors(member)
    has_it = Exists(visible.filter(error_group=OuterRef("pk")))
    had_it = Exists(SyncRun.objects.filter(error_group=OuterRef("pk"), connector__in=visible))
    return find(member, groups.filter(has_it | had_it), group_id)


def visible_incidents(member: Member) -> QuerySet[Incident]:
    """Of the connectors that the member may see, and of keys: one's own, or all for who looks after keys."""
    incidents = Incident.objects.filter(organization=member.organization)
    if not may(member, Permission.SEE_KEYS):
        incidents = incidents.filter(Q(connector__isnull=False) | Q(member=member))
    if may(member, Permission.SEE_PRIVATE_CONNECTORS):
        return incidents
    return incidents.filter(Q(connector=None) | Q(connector__in=visible_connectors(member)))


def get_incident(member: Member, incident_id: UUID) -> Incident:
    """An incident that the member may see, else a 404."""
    incidents = visible_incidents(member).select_related("connector", "member", "error_group")
    return find(member, incidents, incident_id)


def get_channel(member: Member, channel_id: UUID) -> Channel:
    """A channel of the member's organization (no member's own), else a 404. Only for who may manage channels."""
    return find(member, Channel.objects.filter(organization=member.organization, member=None), channel_id)


def get_own_operation(member: Member, operation_id: UUID) -> Operation:
    """An operation that the member asked for, else a 404."""
    return find(member, Operation.objects.filter(actor=member), operation_id)


def get_colleague(member: Member, member_id: int) -> Member:
    """A member of the same organization (oneself, too), else a 404. Only for who may manage members."""
    colleagues = Member.objects.filter(organization=member.organization)
    return find(member, colleagues.select_related("organization", "api_key"), member_id)


def get_invitation(member: Member, invitation_id: UUID) -> Invitation:
    """An invitation of the member's organization, else a 404. Only for who may manage members."""
    invitations = Invitation.objects.filter(organization=member.organization)
    return find(member, invitations.select_related("organization"), invitation_id)


def get_key(member: Member, key_id: UUID) -> ApiKey:
    """The API key of a member of the same organization, else a 404. Only for who may disable keys."""
    keys = ApiKey.objects.filter(organization=member.organization)
    return find(member, keys.select_related("member", "organization"), key_id)
