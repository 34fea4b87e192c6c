"""Incidents, opened and closed by the evidence, in the transaction that saw it."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from connectors_app.choices import Ending, IncidentKind, KeyStatus
from connectors_app.models import ApiKey, Connector, ErrorGroup, Incident, IncidentEvent, Member, Organization
from connectors_app.models.incident import IncidentQuerySet
from connectors_app.services.alerts.announcing import QUIET_WINDOW, announce, facts_of
from connectors_app.services.alerts.evidence import NOTHING_NEW, Verdict, judge

_CHANGEABLE = (
    *("kind", "cause", "error_group", "opened_at", "last_seen_at", "closed_at", "ending", "reopened"),
    *("announced", "announced_at", "events_count"),
)


def follow(connectors: Iterable[Connector], *, now: datetime) -> None:
    """Open, change and close incidents as the connectors' states say. What people hear of it is written, too."""
    found = list(connectors)
    if not found:
        return
    with transaction.atomic():
        after_failures = _one_at_a_time(found)
        groups = ErrorGroup.objects.in_bulk({each.error_group_id for each in found if each.error_group_id})
        verdicts = []
        for connector in found:
            group = groups.get(connector.error_group_id)
            limit = after_failures[connector.organization_id]
            verdict = judge(connector, cause=group.cause if group else "", after_failures=limit, now=now)
            verdicts.append((connector, group, verdict))
        _write_down(verdicts, now=now)


def follow_key(member: Member, *, now: datetime) -> None:
    """The same of a member's key, after it was rejected, replaced, removed, stopped or allowed again."""
    with transaction.atomic():
        Organization.lock(member.organization_id)
        api_key = ApiKey.objects.filter(member=member).first()
        incident = _open_or_just_over(Incident.objects.filter(member=member), now=now).last()
        if api_key is not None and api_key.status == KeyStatus.REJECTED and member.is_active:
            if incident is None:
                incident = Incident(organization_id=member.organization_id, member=member, opened_at=now)
            _reopen(incident)
            incident.kind, incident.last_seen_at = IncidentKind.KEY_REJECTED, now
        elif incident is not None and incident.is_open:
            works = api_key is not None and api_key.is_usable
            _end(incident, Ending.RECOVERED if works else Ending.STOPPED, now=now)
        else:
            return
        events = announce(incident, facts_of(incident), now=now)
        incident.save()
        IncidentEvent.objects.bulk_create(events)


def _one_at_a_time(connectors: Iterable[Connector]) -> dict[int, int]:
    """By organization: how many failures in a row make an incident."""
    ids = {connector.organization_id for connector in connectors}
    organizations = Organization.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    return dict(organizations.values_list("pk", "alert_after_failures"))


def _write_down(verdicts: Iterable[tuple[Connector, ErrorGroup | None, Verdict]], *, now: datetime) -> None:
    recent = _recent((connector for connector, _, verdict in verdicts if verdict != NOTHING_NEW), now=now)
    new, changed, events = [], [], []
    for connector, group, verdict in verdicts:
        incident = recent.get(connector.pk)
        if verdict.kind and incident is None:
            incident = Incident(organization_id=connector.organization_id, connector=connector, opened_at=now)
            incident.opened_at = _since(connector, verdict.kind) or now
            new.append(incident)
        elif verdict.kind and incident is not None:
            _reopen(incident)
            changed.append(incident)
        elif verdict.ending and incident is not None and incident.is_open:
            _end(incident, verdict.ending, now=now)
            changed.append(incident)
        else:
            continue
        incident.connector = connector
        if verdict.kind:
            incident.kind, incident.last_seen_at = verdict.kind, now
            incident.error_group, incident.cause = group, group.cause if group else ""
        events += announce(incident, facts_of(incident), now=now)
    Incident.objects.bulk_create(new, batch_size=500)
    Incident.objects.bulk_update(changed, _CHANGEABLE, batch_size=200)
    IncidentEvent.objects.bulk_create(events, batch_size=500)


def _recent(connectors: Iterable[Connector], *, now: datetime) -> dict[int | None, Incident]:
    """By the connector's primary key: its incident that is open, or so recently over that it is the same one."""
    known = _open_or_just_over(Incident.objects.all(), now=now)
    known = known.filter(connector__in=[connector.pk for connector in connectors])
    return {incident.connector_id: incident for incident in known.select_related("error_group")}


def _open_or_just_over(incidents: IncidentQuerySet, *, now: datetime) -> IncidentQuerySet:
    """The latest last."""
    over = incidents.filter(Q(closed_at=None) | Q(closed_at__gte=now - QUIET_WINDOW))
    return over.order_by("opened_at", "last_seen_at")


def _reopen(incident: Incident) -> None:
    if not incident.is_open:
        incident.closed_at, incident.ending = None, ""
        incident.reopened += 1


def _end(incident: Incident, ending: Ending, *, now: datetime) -> None:
    incident.closed_at, incident.ending = now, ending


def _since(connector: Connector, kind: IncidentKind) -> datetime | None:
    return {
        IncidentKind.FAILING: connector.failing_since,
        IncidentKind.STALE: connector.stale_at,
        IncidentKind.GONE: connector.gone_at,
        IncidentKind.NOT_DELETED: connector.deletion_asked_at,
    }.get(kind)
