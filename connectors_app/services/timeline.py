"""A connector's timeline: what was asked of it here, its syncs, and what was changed elsewhere, newest first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile

from connectors_app.choices import OperationKind, Outcome
from connectors_app.models import Connector, Operation, OutsideChange, SyncRun
from connectors_app.services.changes_in_words import in_a_line, in_words
from connectors_app.services.outcomes import changes_of

PER_PAGE = 50
# Entries of one moment stay on one page: of those there are few (one change is at most five fields).
_TIES_AT_MOST = 10


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened.

    `kind`: operation, sync or outside. `text`: one line or more. `detail`: long text to open. `alike`: equal where
    two details tell of one error.
    """

    at: datetime
    kind: str
    icon: str
    tone: str
    title: str
    text: str = ""
    detail: str = ""
    alike: str = ""
    who: str = ""


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """Some of the timeline. `older_than`: where the next page begins; None on the last."""

    entries: list[Entry]
    older_than: datetime | None


def timeline(connector: Connector, *, older_than: datetime | None = None, at_most: int = PER_PAGE) -> TimelinePage:
    """The newest entries, or the newest that are older than a moment. Three queries, however long it is."""
    limit = at_most + _TIES_AT_MOST
    entries = [
        *_operations(connector, older_than, limit),
        *_syncs(connector, older_than, limit),
        *_outside_changes(connector, older_than, limit),
    ]
    entries.sort(key=lambda entry: entry.at, reverse=True)
    page, rest = entries[:at_most], entries[at_most:]
    if rest:
        page += takewhile(lambda entry: entry.at == page[-1].at, rest)
    return TimelinePage(page, page[-1].at if len(entries) > len(page) else None)


def _operations(connector: Connector, older_than: datetime | None, limit: int) -> Iterator[Entry]:
    found = Operation.objects.filter(connector=connector).select_related("actor", "key_owner")
    if older_than is not None:
        found = found.filter(created_at__lt=older_than)
    return map(_operation, found.order_by("-created_at")[:limit])


def _operation(operation: Operation) -> Entry:
    kind, outcome = OperationKind(operation.kind), Outcome(operation.outcome)
    who = operation.actor.email
    if operation.key_owner_id != operation.actor_id:
        who += f", with the key of {operation.key_owner.email}"
    return Entry(
        at=operation.created_at,
        kind="operation",
        icon=outcome.look.icon,
        tone=outcome.look.tone,
        title=_operation_title(kind, outcome),
        text="\n".join(filter(None, [operation.message, *_asked(operation)])),
        who=who,
    )


def _operation_title(kind: OperationKind, outcome: Outcome) -> str:
    if outcome != Outcome.SUCCEEDED:
        return f"{kind.label}: {outcome.label.lower()}"
    # Bigdata.com has only taken it on: how it ends shows in the state.
    return "Asked to delete for good" if kind == OperationKind.DELETE else kind.done.capitalize()


def _asked(operation: Operation) -> list[str]:
    """What a sync is limited to, what an edit was to change."""
    date_limit = operation.request.get("date_limit")
    if date_limit:
        return [f"Content since {date_limit}"]
    return [in_a_line(field, before, after) for field, (before, after) in changes_of(operation).items()]


def _syncs(connector: Connector, older_than: datetime | None, limit: int) -> Iterator[Entry]:
    found = SyncRun.objects.filter(connector=connector)
    if older_than is not None:
        found = found.filter(at__lt=older_than)
    return map(_sync, found.order_by("-at")[:limit])


def _sync(run: SyncRun) -> Entry:
    # Judged by the same rule as a connector's last sync.
    as_last = Connector(last_sync_status=run.status, last_sync_error_msg=run.error)
    outcome = Outcome.FAILED if as_last.last_sync_failed else Outcome.SUCCEEDED
    items = "" if run.count is None else f"{run.count:,} item{'' if run.count == 1 else 's'}"
    return Entry(
        at=run.at,
        kind="sync",
        icon="alert-triangle" if outcome == Outcome.FAILED else "refresh",
        tone=outcome.look.tone,
        title=_sync_title(outcome, as_last.unfamiliar_sync_status),
        text=items,
        detail=run.error,
        alike=str(run.error_group_id or run.error),
    )


def _sync_title(outcome: Outcome, unfamiliar_status: str) -> str:
    if outcome == Outcome.FAILED:
        return "Sync failed"
    return f"Sync: {unfamiliar_status}" if unfamiliar_status else "Sync succeeded"


def _outside_changes(connector: Connector, older_than: datetime | None, limit: int) -> Iterator[Entry]:
    found = OutsideChange.objects.filter(connector=connector)
    if older_than is not None:
        found = found.filter(seen_at__lt=older_than)
    return map(_outside_change, found.order_by("-seen_at", "field")[:limit])


def _outside_change(change: OutsideChange) -> Entry:
    title, text = in_words(change.field, change.before, change.after)
    return Entry(
        at=change.seen_at,
        kind="outside",
        icon="world",
        tone="secondary",
        title=f"{title} outside the dashboard",
        text=text,
    )
