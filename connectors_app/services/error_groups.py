"""Sync errors with the same cause belong together: one message, without what differs from case to case.

No network and no clock here: what was seen comes in, groups come out.
"""

import hashlib
import re
from collections.abc import Iterable
from datetime import datetime

from connectors_app.choices import Cause
from connectors_app.models import ErrorGroup, SyncRun

MESSAGE_LENGTH = 300
# In order: what an earlier one took out, a later one does not see.
_DIFFERS = (
    (re.compile(r"https?://\S+"), "<address>"),
    (re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+"), "<address>"),
    (re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.I), "<id>"),
    (re.compile(r"\b\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?)?(Z|[+-]\d{2}:?\d{2})?"), "<date>"),
    (re.compile(r"\b\d{1,2}:\d{2}(:\d{2})?\b"), "<time>"),
    (re.compile(r"\b(\d{1,3}\.){3}\d{1,3}(:\d+)?\b"), "<host>"),
    (re.compile(r"\b([a-z0-9-]+\.)+[a-z]{2,}(:\d+)?\b", re.I), "<host>"),
    (re.compile(r"\b(?=[\w-]*\d)(?=[\w-]*[a-z])[\w-]{6,}\b", re.I), "<id>"),
    (re.compile(r"\b[0-9a-f]{8,}\b", re.I), "<id>"),
    (re.compile(r"\d+([.,]\d+)*"), "<n>"),
)


def normalise(message: str) -> str:
    """The message without addresses, hosts, ids, dates and numbers, on one line; never empty."""
    text = " ".join(message.split())
    for pattern, name in _DIFFERS:
        text = pattern.sub(name, text)
    return text[:MESSAGE_LENGTH] or "(no message)"


def cause_of(message: str) -> Cause:
    """What the message tells of, by the patterns of `Cause`, in their order."""
    text = " ".join(message.split()).casefold()
    return next((cause for cause in Cause if re.search(cause.help.pattern, text)), Cause.UNKNOWN)


def fingerprint_of(message: str) -> str:
    """Tells whether two messages belong together. Case does not matter."""
    identity = f"{cause_of(message)}\n{normalise(message).casefold()}"
    return hashlib.sha256(identity.encode()).hexdigest()


def assign_groups(runs: Iterable[SyncRun]) -> None:
    """Give each failed run its group; `save()` is the caller's. A group that is not there yet is made."""
    failed: dict[tuple[int, str], list[SyncRun]] = {}
    for run in runs:
        if run.failed:
            failed.setdefault((run.organization_id, fingerprint_of(run.error)), []).append(run)
    for (organization_id, fingerprint), alike in failed.items():
        group = _group(organization_id, fingerprint, alike)
        for run in alike:
            run.error_group = group


def _group(organization_id: int, fingerprint: str, alike: list[SyncRun]) -> ErrorGroup:
    latest = max(alike, key=lambda run: run.at)
    first_at = min(run.at for run in alike)
    group, is_new = ErrorGroup.objects.get_or_create(
        organization_id=organization_id,
        fingerprint=fingerprint,
        defaults={
            "cause": cause_of(latest.error),
            "message": normalise(latest.error),
            "example": latest.error,
            "first_seen_at": first_at,
            "last_seen_at": latest.at,
        },
    )
    if not is_new:
        _widen(group, first_at, latest.at, latest.error)
    return group


def _widen(group: ErrorGroup, first_at: datetime, last_at: datetime, example: str) -> None:
    """Runs may be seen in any order: the group spans them all and shows the latest."""
    if first_at < group.first_seen_at:
        group.first_seen_at = first_at
    if last_at > group.last_seen_at:
        group.last_seen_at, group.example = last_at, example
    group.save(update_fields=["first_seen_at", "last_seen_at", "example"])
