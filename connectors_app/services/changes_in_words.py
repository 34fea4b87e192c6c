"""A field's change as people read it: a title, and before → after."""

from typing import Any

_NAMED_AT_MOST = 5
_SHOWN_CHARACTERS = 200

SHARING = {True: "Shared with organization", False: "Private to owner"}
_FIELDS = {"label": "Label", "description": "Description"}


def in_words(field: str, before: Any, after: Any) -> tuple[str, str]:
    if field == "archived":
        return ("Archived" if after else "Taken out of the archive"), ""
    if field == "share_with_org":
        return "Sharing changed", f"{SHARING[bool(before)]} → {SHARING[bool(after)]}"
    if field == "allowed_emails":
        return "Allowed senders changed", _senders_in_words(_texts(before), _texts(after))
    name = _FIELDS.get(field, field.replace("_", " ").capitalize())
    return f"{name} changed", f"{_quoted(before)} → {_quoted(after)}"


def in_a_line(field: str, before: Any, after: Any) -> str:
    """The same where several fields changed at once, a line each."""
    if field == "allowed_emails":
        added, removed = _added_and_removed(_texts(before), _texts(after))
        counted = [
            _counted(senders, verb) for senders, verb in ((added, "added"), (removed, "removed")) if senders
        ]
        return ". ".join(counted) or "Allowed senders: only their order or spelling"
    title, text = in_words(field, before, after)
    return f"{title.removesuffix(' changed')}: {text}"


def _senders_in_words(before: list[str], after: list[str]) -> str:
    added, removed = _added_and_removed(before, after)
    parts = [f"{verb} {_named(senders)}" for verb, senders in (("Added", added), ("Removed", removed)) if senders]
    return ". ".join(parts) or "Only their order or spelling"


def _added_and_removed(before: list[str], after: list[str]) -> tuple[list[str], list[str]]:
    had, has = ({sender.casefold() for sender in senders} for senders in (before, after))
    added = [sender for sender in after if sender.casefold() not in had]
    return added, [sender for sender in before if sender.casefold() not in has]


def _counted(senders: list[str], verb: str) -> str:
    return f"{len(senders):,} sender{'' if len(senders) == 1 else 's'} {verb}: {_named(senders)}"


def _named(senders: list[str]) -> str:
    more = len(senders) - _NAMED_AT_MOST
    return ", ".join(senders[:_NAMED_AT_MOST]) + (f" and {more:,} more" if more > 0 else "")


def _texts(value: Any) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []


def _quoted(value: Any) -> str:
    if value is None:
        return "nothing"
    text = str(value)
    return f"“{text[:_SHOWN_CHARACTERS]}{'…' if len(text) > _SHOWN_CHARACTERS else ''}”"
