"""Entries of the audit trail as people read them."""

import json
from dataclasses import dataclass
from typing import Any

from connectors_app.choices import AuditResult
from connectors_app.models import AuditEntry
from connectors_app.services.changes_in_words import in_words

_SHOWN_CHARACTERS = 500
# Told otherwise, or of no use to people.
_NOT_FACTS = {"changes", "operation"}


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
        on_what=entry.target_name or " ".join(part for part in (entry.target_type, entry.target_id) if part),
        details=[*_changes(entry.details), *_facts(entry.details)],
    )


def _who(entry: AuditEntry) -> str:
    name = entry.actor_name or ("Somebody not signed in" if entry.address else "A command")
    return f"{name}, with the key of {entry.key_owner_name}" if entry.key_owner_name else name


def _changes(details: dict[str, Any]) -> list[tuple[str, str]]:
    return [in_words(field, before, after) for field, (before, after) in details.get("changes", {}).items()]


def _facts(details: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (name.replace("_", " ").capitalize(), _in_words(value))
        for name, value in details.items()
        if name not in _NOT_FACTS and value not in ("", None, {}, [])
    ]


def _in_words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return ", ".join(f"{name}: {each}" for name, each in value.items())
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"
