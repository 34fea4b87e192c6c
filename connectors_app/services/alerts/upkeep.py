"""What time alone does to incidents, and what becomes of events: safe to call anywhere any number of times."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from connectors_app.choices import State
from connectors_app.models import Connector, Delivery, Incident, IncidentEvent, Notice, Organization
from connectors_app.models.incident import IncidentQuerySet
from connectors_app.services.alerts import packing, routing
from connectors_app.services.alerts.announcing import (
    CLOSED,
    QUIET_WINDOW,
    REMIND_AFTER,
    announce,
    facts_of,
    remind,
)
from connectors_app.services.alerts.evidence import AT_ONCE, DELETION_TAKES_AT_MOST
from connectors_app.services.alerts.incidents import follow

_AT_ONCE = 500


def look_after(*, now: datetime) -> None:
    """Open what only time shows, tell late what it was too early to tell, and remind of what stays open."""
    follow(_without_incident(now), now=now)
    for organization in Organization.objects.filter(Exists(_to_look_at(now).filter(organization=OuterRef("pk")))):
        with transaction.atomic():
            Organization.lock(organization.pk)
            for incident in _to_look_at(now).filter(organization=organization)[:_AT_ONCE]:
                _tell(incident, now=now)


def make_messages(*, now: datetime, may_see: routing.MaySee) -> list[Delivery]:
    """Decide who hears of what has happened, and put it into messages that are ready to go."""
    unrouted = IncidentEvent.objects.filter(organization=OuterRef("pk"), routed_at=None)
    unsent = Notice.objects.filter(channel__organization=OuterRef("pk"), delivery=None)
    made = []
    busy = Organization.objects.filter(Exists(unrouted) | Exists(unsent))
    for organization_id in busy.values_list("pk", flat=True):
        with transaction.atomic():
            Organization.lock(organization_id)
            while routing.route(organization_id, now=now, may_see=may_see):
                pass
            made += packing.pack(organization_id, now=now)
    return made


def _without_incident(now: datetime) -> list[Connector]:
    """Those that have trouble which nobody opened an incident for: found by an older version, or late by now."""
    enough = Q(error_group__cause__in=AT_ONCE) | Q(failures_in_a_row__gte=F("organization__alert_after_failures"))
    trouble = (
        Q(state=State.FAILING) & enough
        | Q(state=State.STALE)
        | Q(state=State.GONE, deletion_asked_at=None)
        | Q(state=State.DELETING, deletion_asked_at__lte=now - DELETION_TAKES_AT_MOST)
    )
    known = Incident.objects.open().filter(connector=OuterRef("pk"))
    return list(Connector.objects.filter(trouble, ~Exists(known))[:_AT_ONCE])


def _to_look_at(now: datetime) -> IncidentQuerySet:
    bad_news = Q(closed_at=None) & ~Q(announced=F("kind"))
    good_news = Q(closed_at__isnull=False) & ~Q(announced__in=["", CLOSED])
    may_be_told = Q(announced_at=None) | Q(announced_at__lte=now - QUIET_WINDOW)
    remindable = Q(closed_at=None, acknowledged_at=None, announced_at__lte=now - REMIND_AFTER)
    awake = Q(snoozed_until=None) | Q(snoozed_until__lte=now)
    group_awake = Q(error_group__snoozed_until=None) | Q(error_group__snoozed_until__lte=now)
    quiet_ended = Q(closed_at__isnull=False) | awake & group_awake
    incidents = Incident.objects.filter((bad_news | good_news) & may_be_told | remindable, quiet_ended)
    return incidents.select_related("connector", "member", "error_group").order_by("opened_at")


def _tell(incident: Incident, *, now: datetime) -> None:
    facts = facts_of(incident)
    events = announce(incident, facts, now=now) or [remind(incident, facts, now=now)]
    incident.save(update_fields=["announced", "announced_at", "events_count"])
    IncidentEvent.objects.bulk_create(events)
