"""Settling changes of known connectors whose answer was lost: what the connector shows tells.

(Creates are another matter: there the connector itself must be found. See `operations`.)
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q

from connectors_app.choices import OperationKind, Outcome
from connectors_app.models import Connector, Operation
from connectors_app.services import audit, operations
from connectors_app.services.outcomes import ending, finish
from connectors_app.services.snapshots import settle_states

NOT_SEEN = "not_seen"

# How long to look before a change counts as not done. A sync takes its time, and so does a deletion.
_PATIENCE = {
    OperationKind.UPDATE: timedelta(seconds=30),
    OperationKind.ARCHIVE: timedelta(seconds=30),
    OperationKind.DELETE: timedelta(hours=1),
    OperationKind.SYNC: timedelta(minutes=15),
}


def settle_lost_changes(connectors: Iterable[Connector], *, asked_at: datetime) -> bool:
    """Hold fresh snapshots (asked for at `asked_at`) against their changes that got no answer.

    Returns whether there are any.
    """
    fresh = {connector.pk: connector for connector in connectors}
    longest_call = timedelta(seconds=2 * settings.BIGDATA_TOTAL_TIMEOUT + 10)
    lost = Q(outcome=Outcome.UNKNOWN, finished_at__lt=asked_at)
    died = Q(outcome=Outcome.PENDING, created_at__lt=asked_at - longest_call)
    waiting = Operation.objects.filter(lost | died, connector__in=list(fresh)).exclude(kind=OperationKind.CREATE)
    if not waiting.exists():  # Hardly ever is there one, and this is asked in a third of the time.
        return False
    found = waiting.select_related("key_owner", "actor", "organization").order_by("created_at")
    # Whoever's request it is that looks: it is not where the change came from.
    with ending(), audit.coming_from(None):
        for operation in found:
            _settle(operation, fresh[operation.connector_id], now=asked_at)  # type: ignore[index]
    return True


def _settle(operation: Operation, connector: Connector, *, now: datetime) -> None:
    kind = OperationKind(operation.kind)
    if _EVIDENCE[kind](operation, connector):
        operations.succeed(operation, connector)
        if kind == OperationKind.DELETE:
            _note_deletion(operation, connector, now=now)
    elif now - operation.created_at >= _PATIENCE[kind]:
        message = f"Bigdata.com shows no sign of it, so it was not {kind.done}. It is safe to try again."
        finish(operation, Outcome.FAILED, message, NOT_SEEN)


def _note_deletion(operation: Operation, connector: Connector, *, now: datetime) -> None:
    """It is gone because we asked: the answer to that was lost, so nobody has written it down."""
    Connector.objects.filter(pk=connector.pk, deletion_asked_at=None).update(
        deletion_asked_at=operation.created_at
    )
    settle_states([connector], now=now)


def _is_saved(operation: Operation, connector: Connector) -> bool:
    asked: dict[str, Any] = operation.request
    senders = asked.get("config", {}).get("allowed_emails")
    return (
        connector.label == asked.get("label")
        and connector.description == asked.get("description")
        and connector.share_with_org == asked.get("share_with_org")
        and (senders is None or _folded(senders) == _folded(connector.allowed_emails))
    )


def _folded(senders: list[str]) -> list[str]:
    return sorted(sender.casefold() for sender in senders)


def _is_gone(_operation: Operation, connector: Connector) -> bool:
    return connector.gone_at is not None


def _is_archived(_operation: Operation, connector: Connector) -> bool:
    return connector.archived


def _is_synced(operation: Operation, connector: Connector) -> bool:
    return connector.last_sync_at is not None and connector.last_sync_at > operation.created_at


_EVIDENCE: dict[OperationKind, Callable[[Operation, Connector], bool]] = {
    OperationKind.UPDATE: _is_saved,
    OperationKind.ARCHIVE: _is_archived,
    OperationKind.DELETE: _is_gone,
    OperationKind.SYNC: _is_synced,
}
