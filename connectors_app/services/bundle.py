"""The support bundle: all that helps to find what is wrong with a connector, as one text, and nothing secret.

Every value stands on its line, cleared of control characters; longer texts are indented and marked. So nothing
that came from elsewhere can pass for a line of the bundle.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from django.utils import timezone

from connectors_app import __version__
from connectors_app.choices import Cause, KeyStatus, OperationKind, Outcome, State
from connectors_app.connector_types import type_label
from connectors_app.models import ApiKey, Connector, Member, Operation, SyncRun
from connectors_app.models.connector import ConnectorQuerySet
from connectors_app.services.documents import error_in_words
from connectors_app.services.errors import failing
from connectors_app.services.freshness import seen_at
from connectors_app.services.intake import Intake, cached_intake
from connectors_app.services.states_in_words import state_in_words

SYNCS_SHOWN = 10
OPERATIONS_SHOWN = 20
_NONE = "-"
# Where the button's words say little without the button.
_NEXT_STEPS = {
    Cause.SESSION: "Ask for a new session: write to support@bigdata.com",
    Cause.NOT_FOUND: "Check that what it reads from is still there",
    Cause.UNKNOWN: "Send this bundle to support@bigdata.com",
}


def support_bundle(connector: Connector, *, visible: ConnectorQuerySet) -> str:
    """The text, with times in UTC. `visible`: the connectors that its reader may see; no others are counted."""
    sections = (
        ("Support bundle", _about()),
        ("Connector", _connector(connector)),
        ("State", _state(connector)),
        ("Why it fails", _cause(connector, visible)),
        ("API keys that see it", _keys(connector)),
        (f"Last syncs (at most {SYNCS_SHOWN})", _syncs(connector)),
        (f"Last operations (at most {OPERATIONS_SHOWN})", _operations(connector)),
        ("Newest documents", _documents(cached_intake(connector))),
    )
    return "\n\n".join("\n".join([f"== {title} ==", *(lines or [_NONE])]) for title, lines in sections) + "\n"


def _about() -> list[str]:
    return [f"Made at: {_utc(timezone.now())}", f"Dashboard version: {__version__}"]


def _connector(connector: Connector) -> list[str]:
    owner = Member.objects.filter(
        organization=connector.organization_id, bigdata_user_id=connector.bigdata_user_id
    ).first()
    facts = {
        "Connector ID": connector.connector_id,
        "Label": connector.label,
        "Type": f"{type_label(connector.type)} ({connector.type})",
        "Owner": f"{connector.bigdata_user_id}{f' ({owner.email})' if owner else ''}",
        "Bigdata.com organization": connector.bigdata_org_id,
        "Sharing": "Shared with organization" if connector.share_with_org else "Private to owner",
        "Inbox address": connector.inbox_address,
        "Allowed senders": len(connector.allowed_emails) if connector.type == "email" else "",
        "Created": _utc(connector.created_at),
        "Changed": _utc(connector.updated_at),
    }
    return [f"{name}: {_one_line(str(value))}" for name, value in facts.items() if value != ""]


def _state(connector: Connector) -> list[str]:
    with timezone.override(UTC):
        in_words = state_in_words(connector, connector.organization)
    facts = {
        "State": State(connector.state).label,
        "In words": in_words,
        "Since": _utc(connector.state_since),
        "Archived": "yes" if connector.archived else "no",
        "Files": _NONE if connector.files_count is None else connector.files_count,
        "Sync asked for": _utc(connector.sync_asked_at),
        "Deletion asked for": _utc(connector.deletion_asked_at),
        "Gone since": _utc(connector.gone_at),
        "As of": _utc(seen_at(connector)),
    }
    return [f"{name}: {value}" for name, value in facts.items()]


def _cause(connector: Connector, visible: ConnectorQuerySet) -> list[str]:
    """In plain words, what to do about it, and how many others it has befallen."""
    group = connector.error_group if connector.state == State.FAILING else None
    if group is None:
        return []
    cause = group.get_cause()
    others = failing(visible).filter(error_group=group).exclude(pk=connector.pk).count()
    return [
        f"Cause: {cause.label}",
        f"What it means: {cause.help.explanation}",
        f"Next step: {_NEXT_STEPS.get(cause, cause.help.action)}",
        f"Others that fail with it now: {others} (of the connectors that the reader may see)",
    ]


def _keys(connector: Connector) -> list[str]:
    keys = ApiKey.objects.filter(connectors=connector).select_related("member").order_by("created_at")
    return [line for api_key in keys for line in _key(api_key)]


def _key(api_key: ApiKey) -> Iterator[str]:
    active = "" if api_key.member.is_active else ", its member is deactivated"
    yield (
        f"Key of {api_key.member.email}: {KeyStatus(api_key.status).label.lower()}{active}; "
        f"verified {_utc(api_key.verified_at)}; last asked {_utc(api_key.last_polled_at)}"
    )
    yield from _indented(api_key.last_poll_error)


def _syncs(connector: Connector) -> list[str]:
    runs = SyncRun.objects.filter(connector=connector).order_by("-at")[:SYNCS_SHOWN]
    return [line for run in runs for line in _sync(run)]


def _sync(run: SyncRun) -> Iterator[str]:
    count = _NONE if run.count is None else run.count
    yield f"{_utc(run.at)}  {_one_line(run.status) or 'no status'}  items: {count}  seen at: {_utc(run.seen_at)}"
    yield from _indented(run.error)


def _operations(connector: Connector) -> list[str]:
    found = Operation.objects.filter(connector=connector).select_related("actor", "key_owner")
    newest = found.order_by("-created_at")[:OPERATIONS_SHOWN]
    return [line for operation in newest for line in _operation(operation)]


def _operation(operation: Operation) -> Iterator[str]:
    code = f" ({_one_line(operation.error_code)})" if operation.error_code else ""
    what = f"{OperationKind(operation.kind).label}: {Outcome(operation.outcome).label.lower()}{code}"
    yield f"{_utc(operation.created_at)}  {what}"
    yield f"  by {operation.actor.email}, with the key of {operation.key_owner.email}"
    yield f"  ID: {operation.pk}"
    yield from _indented(operation.message)


def _documents(intake: Intake | None) -> list[str]:
    """Documents are not stored: they are in it if somebody looked at them just now."""
    if intake is None:
        return ["Not looked at in the last two minutes: open the connector's page, then make the bundle again."]
    return [
        f"Looked at: {_utc(intake.looked_at)}",
        f"Documents: {intake.count}{' (all there are)' if intake.is_all else ' (the newest)'}",
        f"Newest: {_utc(intake.newest_at)}",
        f"Failed: {intake.failed_count}",
        *(f"  {_failed(code)}: {count}" for code, count in intake.failed.items()),
    ]


def _failed(code: str) -> str:
    words = error_in_words(code)
    return f"{_one_line(code) or 'no code'}{f' ({words})' if words else ''}"


def _utc(moment: datetime | None) -> str:
    return _NONE if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _indented(text: str) -> Iterable[str]:
    """A text in full, each of its lines marked as a part of it."""
    return (f"    | {_one_line(line)}" for line in text.splitlines() if line.strip())


def _one_line(text: str) -> str:
    """Without line breaks and whatever else is not to be seen but changes how the rest looks."""
    shown = (" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in text)
    return " ".join("".join(shown).split())
