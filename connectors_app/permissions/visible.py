"""What a member may see: the one lookup of objects per tenant."""

from typing import TypeVar
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.http import Http404

from connectors_app.choices import AuditAction, AuditResult
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
from connectors_app.permissions.roles import Permission, may
from connectors_app.services import audit
from connectors_app.services.listing import with_owner_email

Found = TypeVar("Found", bound=Model)


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
