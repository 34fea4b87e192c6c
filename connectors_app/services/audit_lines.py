"""Entries of the audit trail as people read them."""

import json
import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from connectors_app.choices import AuditAction, AuditGroup, AuditResult, BulkAction
from connectors_app.connector_types import CONNECTOR_TYPES
from connectors_app.models import AuditEntry
from connectors_app.services.changes_in_words import in_words

_SHOWN_CHARACTERS = 500
# Told otherwise, or of no use to people.
_NOT_FACTS = {"changes", "operation"}
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(_DAY.pattern + r"T\d\d:\d\d:\d\d(\.\d+)?(\+\d\d:\d\d|Z)")
# What is written down as the code calls it, by the words for it.
_LABELS = {
    each.value: str(each.label)
    for choices in (AuditAction, AuditGroup, AuditResult, BulkAction)
    for each in choices
}
_CODED = {"action", "group", "result"}
# The pages that a role can be refused, by their paths.
_PAGES = {
    "/connectors/new/": "New connector",
    "/bulk/new/": "Bulk work",
    "/keys/": "API keys",
    "/keys/organization/": "The organization's API keys",
    "/members/": "Members",
    "/members/invite/": "Invite member",
    "/organization/": "Organization",
    "/sharing/": "Sharing",
    "/audit/": "Audit",
    "/alerts/channels/": "Alert channels",
    "/alerts/channels/new/": "New channel",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One entry. `details`: what there is to open, as pairs of a title and a text."""

    entry: AuditEntry
    who: str
    what: str
    result: AuditResult
    on_what: str
    details: list[tuple[str, str]]


def line_of(entry: AuditEntry) -> Line:
    return Line(
        entry=entry,
        who=_who(entry),
        what=entry.get_action_display(),
        result=AuditResult(entry.result),
        on_what=_on_what(entry),
        details=[*_changes(entry.details), *_facts(entry.details)],
    )


def _on_what(entry: AuditEntry) -> str:
    if entry.target_type == "page":
        return _PAGES.get(entry.target_name, entry.target_name)
    return entry.target_name or " ".join(part for part in (entry.target_type, entry.target_id) if part)


def _who(entry: AuditEntry) -> str:
    name = entry.actor_name or ("Somebody not signed in" if entry.address else "The server's operator")
    return f"{name}, with the key of {entry.key_owner_name}" if entry.key_owner_name else name


def _changes(details: dict[str, Any]) -> list[tuple[str, str]]:
    return [_change(field, before, after) for field, (before, after) in details.get("changes", {}).items()]


def _change(field: str, before: Any, after: Any) -> tuple[str, str]:
    if field in CONNECTOR_TYPES:
        return CONNECTOR_TYPES[field].label, f"{_days(before, unit=not after)} → {_days(after)}"
    if field == "alert_after_failures":
        return "Failed syncs in a row", f"{before} → {after}"
    return in_words(field, before, after)


def _days(number: int | None, *, unit: bool = True) -> str:
    """A limit; 0 is none."""
    if not number:
        return "never stale" if number == 0 else "nothing"
    return f"{number} day{'' if number == 1 else 's'}" if unit else str(number)


def _facts(details: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (name.replace("_", " ").capitalize(), _in_words(value, name=name))
        for name, value in details.items()
        if name not in _NOT_FACTS and value not in ("", None, {}, [])
    ]


def _in_words(value: Any, *, name: str = "") -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return ", ".join(f"{each}: {_in_words(inner, name=each)}" for each, inner in value.items())
    text = _text(value, name) if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"


def _text(value: str, name: str) -> str:
    """Moments and days as people write them, in the viewer's zone."""
    if name in _CODED:
        return _LABELS.get(value, value)
    try:
        if _MOMENT.fullmatch(value):
            moment = timezone.localtime(datetime.fromisoformat(value))
            return f"{moment.day} {moment:%b %Y, %H:%M %Z}"
        if _DAY.fullmatch(value):
            day = date.fromisoformat(value)
            return f"{day.day} {day:%b %Y}"
    except (ValueError, OverflowError):
        return value
    return value
