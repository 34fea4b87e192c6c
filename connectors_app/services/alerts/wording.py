"""What messages say. The body is made once, when a message is packed; each kind of channel words it in its way."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from connectors_app.choices import Cause, Ending, EventKind, IncidentKind
from connectors_app.models import Delivery, IncidentEvent
from connectors_app.services.mail import one_line
from connectors_app.webhooks import escape

SCHEMA_VERSION = 1
TEST = "test"
TEST_SUBJECT = "Test message"
_IN_A_MESSAGE = 20


def body_of(events: Sequence[IncidentEvent]) -> dict[str, Any]:
    """`type`: what happened, "digest" where it is not one thing; `incidents`: in the order of what happened."""
    kinds = {event.kind for event in events}
    return {
        "type": next(iter(kinds)) if len(kinds) == 1 else "digest",
        "incidents": [
            {
                "id": str(event.incident_id),
                "event_id": str(event.pk),
                "number": event.number,
                "type": event.kind,
                "at": event.at.isoformat(),
                **event.facts,
            }
            for event in events
        ],
    }


def test_body() -> dict[str, Any]:
    return {"type": TEST, "incidents": []}


def subject_of(body: dict[str, Any]) -> str:
    """One line, such as "12 connectors: login rejected"."""
    incidents = body["incidents"]
    if body["type"] == "digest":
        return f"Summary: {len(incidents):,} incidents"
    whats = {what_is_wrong(incident) for incident in incidents}
    what = next(iter(whats)) if len(whats) == 1 else "incidents"
    who = _name(incidents[0]) if len(incidents) == 1 else _count(incidents)
    return one_line(_SUBJECTS[EventKind(body["type"])].format(who=who, what=what.lower()))


_SUBJECTS = {
    EventKind.OPENED: "{who}: {what}",
    EventKind.CHANGED: "{who}: now {what}",
    EventKind.REMINDER: "Still open: {who}: {what}",
    EventKind.CLOSED: "Over: {who}: {what}",
}


def what_is_wrong(incident: dict[str, Any]) -> str:
    """In two or three words: of a failing connector, why it fails."""
    if incident["kind"] == IncidentKind.FAILING and incident["cause"] not in ("", Cause.UNKNOWN):
        return str(Cause(incident["cause"]).label)
    return str(IncidentKind(incident["kind"]).label)


def _name(incident: dict[str, Any]) -> str:
    return str(incident["label"] if "label" in incident else incident["member"])


def _count(incidents: Sequence[dict[str, Any]]) -> str:
    things = "keys" if all("member" in incident for incident in incidents) else "connectors"
    return f"{len(incidents):,} {things}"


def mail_of(delivery: Delivery) -> tuple[str, str]:
    """The text and the page of a mail; a member's own in their time zone."""
    member = delivery.channel.member
    zone = ZoneInfo((member.time_zone if member is not None else "") or "UTC")
    rows = [_row(incident, zone) for incident in delivery.body["incidents"]]
    context = {
        "subject": delivery.subject,
        "is_test": delivery.body["type"] == TEST,
        "rows": rows[:_IN_A_MESSAGE],
        "more": max(0, len(rows) - _IN_A_MESSAGE),
        "incidents_url": settings.SITE_URL + reverse("alerts"),
        "choices_url": settings.SITE_URL + reverse("my_notifications") if member is not None else "",
    }
    return (
        render_to_string("email/incidents.txt", context).strip() + "\n",
        render_to_string("email/incidents.html", context),
    )


def _row(incident: dict[str, Any], zone: ZoneInfo) -> dict[str, str]:
    is_over = bool(incident["ending"])
    return {
        "name": one_line(_name(incident)),
        "words": _words(incident, zone),
        "tone": "success" if is_over else IncidentKind(incident["kind"]).look.tone,
        "error": "" if is_over else one_line(incident.get("error", "")),
        "url": url_of(incident),
    }


def _words(incident: dict[str, Any], zone: ZoneInfo) -> str:
    """Such as "Login rejected since 21 Nov, 14:05 (UTC)", or "Recovered from: login rejected"."""
    what = what_is_wrong(incident)
    if incident["ending"] == Ending.RECOVERED:
        return f"Recovered from: {what.lower()}"
    if incident["ending"]:
        return f"{Ending(incident['ending']).label}. It was: {what.lower()}"
    since = datetime.fromisoformat(incident["since"]).astimezone(zone)
    return f"{what} since {since.day} {since:%b, %H:%M} ({since:%Z})"


def url_of(incident: dict[str, Any]) -> str:
    """The page where it can be looked into."""
    if "connector_id" in incident:
        return f"{settings.SITE_URL}{reverse('connector_detail', args=[incident['connector_id']])}"
    return f"{settings.SITE_URL}{reverse('api_keys')}"


def json_of(delivery: Delivery) -> dict[str, Any]:
    """What a webhook receives; see docs/webhooks.md."""
    organization = delivery.channel.organization
    kind = delivery.body["type"]
    return {
        "schema_version": SCHEMA_VERSION,
        "id": str(delivery.pk),
        "type": kind if kind == TEST else f"incidents.{kind}",
        "created_at": delivery.created_at.isoformat(),
        "organization": organization.name,
        "summary": delivery.subject,
        "incidents": [incident | {"url": url_of(incident)} for incident in delivery.body["incidents"]],
    }


def slack_of(delivery: Delivery) -> dict[str, Any]:
    """A text for Slack, in which what comes from elsewhere is inert."""
    incidents = delivery.body["incidents"]
    lines = [f"*{escape(delivery.subject)}*", *map(_slack_line, incidents[:_IN_A_MESSAGE])]
    if len(incidents) > _IN_A_MESSAGE:
        lines.append(f"and {len(incidents) - _IN_A_MESSAGE:,} more: <{settings.SITE_URL}{reverse('alerts')}|all>")
    return {"text": "\n".join(lines)}


def _slack_line(incident: dict[str, Any]) -> str:
    ending = f" ({Ending(incident['ending']).label.lower()})" if incident["ending"] else ""
    error = f": {escape(incident['error'])}" if incident.get("error") and not ending else ""
    return f"• <{url_of(incident)}|{escape(_name(incident))}> {what_is_wrong(incident).lower()}{ending}{error}"
