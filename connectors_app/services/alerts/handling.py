"""What people do about incidents: say that they know, keep them quiet for a while, follow a connector."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from connectors_app.choices import AuditAction
from connectors_app.models import Connector, Delivery, Follow, Incident, Member
from connectors_app.models.connector import ConnectorQuerySet
from connectors_app.services import audit
from connectors_app.services.alerts import delivery as sending


def acknowledge(incident: Incident, *, by: Member, now: datetime) -> bool:
    """Somebody is at it: nobody is reminded any more. Returns whether nobody was before."""
    with transaction.atomic():
        news = Incident.objects.open().filter(pk=incident.pk, acknowledged_at=None)
        if not news.update(acknowledged_at=now, acknowledged_by=by):
            return False
        _record(AuditAction.INCIDENT_ACKNOWLEDGED, incident, by)
    return True


def snooze(incident: Incident, *, by: Member, until: datetime, reason: str) -> None:
    """Nothing of it is told until then, but its end; unless it is over, or snoozed already."""
    with transaction.atomic():
        awake = Q(snoozed_until=None) | Q(snoozed_until__lte=timezone.now())
        news = Incident.objects.open().filter(awake, pk=incident.pk)
        if news.update(snoozed_until=until, snooze_reason=reason, snoozed_by=by):
            _record(AuditAction.INCIDENT_SNOOZED, incident, by, {"reason": reason, "until": until.isoformat()})


def wake(incident: Incident, *, by: Member) -> None:
    """End the snoozing, if it has not ended."""
    with transaction.atomic():
        snoozed = Incident.objects.filter(pk=incident.pk, snoozed_until__isnull=False)
        if snoozed.update(snoozed_until=None, snooze_reason="", snoozed_by=None):
            _record(AuditAction.INCIDENT_WOKEN, incident, by)


def follow(connector: Connector, *, member: Member) -> None:
    Follow.objects.get_or_create(connector=connector, member=member)


def unfollow(connector: Connector, *, member: Member) -> None:
    Follow.objects.filter(connector=connector, member=member).delete()


def hears_of(member: Member, visible: ConnectorQuerySet) -> tuple[int, int]:
    """How many connectors the member hears of as their owner, and how many more because of following them.

    `visible`: what the member may see. Of what is archived or deleted nobody hears.
    """
    watched = visible.filter(archived=False).without_deleted().order_by()
    others = watched.filter(follows__member=member)
    if not member.bigdata_user_id:
        return 0, others.count()
    own = watched.filter(bigdata_user_id=member.bigdata_user_id)
    return own.count(), others.exclude(bigdata_user_id=member.bigdata_user_id).count()


def replay(delivery: Delivery, *, by: Member, now: datetime) -> None:
    """Send a message again that was given up."""
    with transaction.atomic():
        if sending.replay(delivery, now=now):
            audit.record(
                AuditAction.MESSAGE_REPLAYED,
                organization=by.organization,
                actor=by,
                target_type="delivery",
                target_id=delivery.pk,
                target_name=delivery.channel.name,
            )


def _record(action: AuditAction, incident: Incident, by: Member, details: dict[str, str] | None = None) -> None:
    target = incident.connector.label if incident.connector else incident.member.email if incident.member else ""
    audit.record(
        action,
        organization=by.organization,
        actor=by,
        target_type="incident",
        target_id=incident.pk,
        target_name=target,
        details=details or {},
    )
