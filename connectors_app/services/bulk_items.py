"""Doing one item of a bulk: the change itself, and what came of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from connectors_app.bigdata import Busy, RateLimited
from connectors_app.choices import BulkAction, OperationKind, Outcome
from connectors_app.connector_types import CONNECTOR_TYPES
from connectors_app.models import Bulk, BulkItem, Connector, Member, Operation
from connectors_app.services import changes
from connectors_app.services.bulk import date_limit_of, kind_of, why_left_out
from connectors_app.services.upstream import KeyProblem, UpstreamError

# Whether the member may (still) change the connector in that way: roles are not the services' business.
MayChange = Callable[[Member, Connector, OperationKind], bool]

# The most calls that one item costs: a sender list is read, read again just before it is replaced, and replaced.
CALLS_EACH = {
    BulkAction.SYNC: 1,
    BulkAction.ARCHIVE: 1,
    BulkAction.ADD_SENDER: 3,
    BulkAction.REMOVE_SENDER: 3,
}
NOTHING_TO_CHANGE = "Nothing to change"
# Refusals that only ask to wait, with the seconds to wait where the answer does not say.
_LATER = {RateLimited.code: 60.0, Busy.code: 5.0}
_LONGEST_PAUSE = 300.0
_CANT_SIGN_IN = "The member who asked for it can no longer sign in."
_MAY_NOT = "The member who asked for it may no longer do this with it."
_NOT_READ = "Bigdata.com did not show how it is now, so nothing was changed. Try again in a minute."
_CONFLICT = "Somebody else changed it at the same moment, so nothing was changed. Try again."
_LAST_SENDER = "It is the only allowed sender: without one, the inbox would take in mail from nobody."


@dataclass(frozen=True, slots=True)
class Done:
    """What came of an item, and the calls it took. With a `pause`: nothing, do it anew after so many seconds."""

    outcome: Outcome
    message: str = ""
    operation: Operation | None = None
    calls: int = 0
    pause: float = 0.0


def carry_out(item: BulkItem, bulk: Bulk, *, may_change: MayChange) -> Done:
    """Do what the bulk asks of the item's connector, or take over what its operation tells, where there is one."""
    sent_before = Operation.objects.filter(pk=item.pk).first()
    if sent_before is not None:
        return _told_by(sent_before, calls=0)
    connector, action = item.connector, BulkAction(bulk.action)
    if action == BulkAction.ARCHIVE and connector.archived and connector.gone_at is None:
        return Done(Outcome.SUCCEEDED, NOTHING_TO_CHANGE)
    refusal = _refusal(connector, bulk, may_change)
    return Done(Outcome.FAILED, refusal) if refusal else _send(item, bulk, action)


def _refusal(connector: Connector, bulk: Bulk, may_change: MayChange) -> str:
    """What may have changed since the bulk was asked for, even during this turn."""
    bulk.actor.refresh_from_db(fields=["is_active", "role"])
    if not bulk.actor.is_active:
        return _CANT_SIGN_IN
    if not may_change(bulk.actor, connector, kind_of(bulk.action)):
        return _MAY_NOT
    return why_left_out(connector, bulk.action)


def _send(item: BulkItem, bulk: Bulk, action: BulkAction) -> Done:
    most_calls = CALLS_EACH[action]
    try:
        return _SEND[action](item, bulk)
    except KeyProblem as problem:
        return Done(Outcome.FAILED, problem.message)
    except changes.EditConflict:
        return Done(Outcome.FAILED, _CONFLICT, calls=most_calls)
    except UpstreamError as error:  # of a read: no change was sent
        if error.code in _LATER:
            return _later(error.code, getattr(error, "retry_after", None), calls=most_calls)
        message = _NOT_READ if error.may_have_happened else error.message
        return Done(Outcome.FAILED, message, calls=most_calls)


def _sync(item: BulkItem, bulk: Bulk) -> Done:
    needs_date = CONNECTOR_TYPES[item.connector.type].needs_date_limit
    operation = changes.ask_for_sync(
        item.connector,
        member=bulk.actor,
        operation_id=item.pk,
        date_limit=date_limit_of(bulk) if needs_date else None,
    )
    return _told_by(operation, calls=1)


def _archive(item: BulkItem, bulk: Bulk) -> Done:
    operation = changes.archive(item.connector, member=bulk.actor, operation_id=item.pk)
    return _told_by(operation, calls=1)


def _add_sender(item: BulkItem, bulk: Bulk) -> Done:
    current = changes.read_for_edit(item.connector, member=bulk.actor)
    senders, sender = current.allowed_emails, bulk.parameters["sender"]
    if _without(sender, senders) != senders:
        return Done(Outcome.SUCCEEDED, NOTHING_TO_CHANGE, calls=1)
    return _save_senders([*senders, sender], current, item, bulk)


def _remove_sender(item: BulkItem, bulk: Bulk) -> Done:
    current = changes.read_for_edit(item.connector, member=bulk.actor)
    others = _without(bulk.parameters["sender"], current.allowed_emails)
    if others == current.allowed_emails:
        return Done(Outcome.SUCCEEDED, NOTHING_TO_CHANGE, calls=1)
    if not others:
        return Done(Outcome.FAILED, _LAST_SENDER, calls=1)
    return _save_senders(others, current, item, bulk)


def _without(sender: str, senders: list[str]) -> list[str]:
    """Addresses are the same whatever their case."""
    return [each for each in senders if each.casefold() != sender.casefold()]


def _save_senders(senders: list[str], current: Connector, item: BulkItem, bulk: Bulk) -> Done:
    operation = changes.save_changes(
        current,
        member=bulk.actor,
        operation_id=item.pk,
        version=current.updated_at,
        values=replace(changes.Values.of(current), allowed_emails=senders),
    )
    return _told_by(operation, calls=CALLS_EACH[BulkAction(bulk.action)])


_SEND = {
    BulkAction.SYNC: _sync,
    BulkAction.ARCHIVE: _archive,
    BulkAction.ADD_SENDER: _add_sender,
    BulkAction.REMOVE_SENDER: _remove_sender,
}


def _told_by(operation: Operation, *, calls: int) -> Done:
    """One that is pending was sent by a worker that died: like a lost answer, it is looked after elsewhere."""
    if operation.is_settled:
        if operation.error_code in _LATER:
            return _later(operation.error_code, None, calls=calls)
        return Done(Outcome(operation.outcome), operation.message, operation, calls)
    return Done(Outcome.UNKNOWN, operation.message, operation, calls)


def _later(code: str, retry_after: float | None, *, calls: int) -> Done:
    seconds = _LATER[code] if retry_after is None else retry_after
    return Done(Outcome.PENDING, calls=calls, pause=min(max(seconds, 1.0), _LONGEST_PAUSE))
