"""Operations: every change is written down before it is sent and finished after.

Nothing is ever sent twice blindly. A create whose answer was lost stays `unknown` until looking at the
key's connectors tells: found, not found after several looks, or several that could be it.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.conf import settings
from django.db.models import Q, QuerySet

from connectors_app.bigdata import BigdataError, Refused
from connectors_app.choices import OperationKind, Outcome
from connectors_app.models import ApiKey, Connector, Member, Operation
from connectors_app.services import audit
from connectors_app.services.outcomes import ending, finish, write
from connectors_app.services.sightings import remember_identity
from connectors_app.telemetry import context

LOOKS_BEFORE_FAILED = 3
SETTLE_AFTER = timedelta(seconds=30)
LATE_FINDS_WITHIN = timedelta(days=1)
NOT_FOUND = "not_found_after_looking"
NONE_OF_THEM = "none_of_the_candidates"
_FAILED_MESSAGE = "Bigdata.com did not create it: it is not among your connectors. It is safe to try again."


class ForeignOperation(Exception):
    """The form's id belongs to an operation of somebody else."""


def begin(
    *,
    operation_id: UUID,
    actor: Member,
    key_owner: Member,
    kind: OperationKind,
    connector_type: str,
    request: dict[str, Any],
    connector: Connector | None = None,
) -> tuple[Operation, bool]:
    """Write down what is about to be sent. Returns the operation and whether it is the caller's to send.

    The same id means the same change (a double click, a reload): its operation comes back as it is. After a
    failure nothing happened upstream, so the same form may be sent again: that is a new operation, whose id
    follows from the old one, so that even then a double click is one change.
    """
    while True:
        operation, is_new = Operation.objects.get_or_create(
            pk=operation_id,
            defaults={
                "organization": actor.organization,
                "actor": actor,
                "key_owner": key_owner,
                "kind": kind,
                "connector_type": connector_type,
                "request": request,
                "connector": connector,
            },
        )
        if operation.actor_id != actor.pk:
            raise ForeignOperation
        context.note(operation=operation.pk)
        if is_new or operation.outcome != Outcome.FAILED:
            return operation, is_new
        operation_id = _sent_again(operation_id)


def _sent_again(operation_id: UUID) -> UUID:
    """The id of the same form's next try, after the last one failed."""
    return uuid5(operation_id, "sent again")


def find(operation_id: UUID, actor: Member) -> Operation | None:
    """What the form's id already stands for, if it was sent before and did not fail."""
    while True:
        operation = Operation.objects.filter(pk=operation_id).select_related("connector").first()
        if operation is None:
            return None
        if operation.actor_id != actor.pk:
            raise ForeignOperation
        if operation.outcome != Outcome.FAILED:
            return operation
        operation_id = _sent_again(operation_id)


def succeed(operation: Operation, connector: Connector) -> None:
    operation.connector = connector
    operation.field_errors = {}
    with ending():
        finish(operation, Outcome.SUCCEEDED, "")
        if operation.kind == OperationKind.CREATE:
            remember_identity(operation.key_owner, connector.bigdata_user_id)
            _link_predecessor(operation, connector)


def end_in_trouble(operation: Operation, error: BigdataError) -> None:
    """Failed where upstream certainly did nothing; unknown where it may have."""
    operation.field_errors = dict(getattr(error, "fields", {}))
    outcome = Outcome.UNKNOWN if error.may_have_happened else Outcome.FAILED
    finish(operation, outcome, _in_words(error), error.code)


def _in_words(error: BigdataError) -> str:
    """What happened, and why the values were refused where upstream says it."""
    if isinstance(error, Refused) and error.upstream_message and not error.fields:
        return f"{error.message} Bigdata.com says: “{error.upstream_message}”"
    return error.message


def choose(operation: Operation, connector: Connector | None) -> None:
    """A person says which of the candidates the lost create made; None: none of them."""
    with ending():
        if connector is None:
            # Decided: unlike what was given up looking for, it is not looked for again.
            finish(operation, Outcome.FAILED, _FAILED_MESSAGE, NONE_OF_THEM)
        else:
            succeed(operation, connector)
            connector.candidate_for.clear()
        operation.candidates.clear()


def settle_lost_creates(api_key: ApiKey, listed: Iterable[Connector], *, asked_at: datetime) -> None:
    """Hold a fresh list against the key's creates that got no answer. Call it in the list's transaction."""
    # Whoever's request it is that looks: it is not where the create came from.
    with ending(), audit.coming_from(None):
        _settle_creates(api_key, listed, asked_at=asked_at)


def _settle_creates(api_key: ApiKey, listed: Iterable[Connector], *, asked_at: datetime) -> None:
    lost: dict[str, list[Operation]] = defaultdict(list)
    for operation in lost_creates_of(api_key, asked_at=asked_at):
        lost[repr((operation.connector_type, sorted(operation.request.items())))].append(operation)
    taken: set[int] = set()
    for alike in lost.values():
        unclaimed = [connector for connector in listed if connector.pk not in taken]
        candidates = _candidates(alike[0], unclaimed)
        taken.update(connector.pk for connector in candidates)
        _settle(alike, candidates, now=asked_at)


def _settle(alike: list[Operation], candidates: list[Connector], *, now: datetime) -> None:
    """Operations that asked for the very same are interchangeable: each gets one of the candidates.

    Those that somebody still waits for come before those that were given up.
    """
    alike = sorted(alike, key=lambda operation: operation.outcome == Outcome.FAILED)
    too_many = len(candidates) > len(alike)
    for operation in alike:
        operation.candidates.set(candidates if too_many else [])
        if too_many:
            _keep_open(operation, now=now)
    if too_many:
        return
    for operation, connector in zip(alike, candidates, strict=False):
        succeed(operation, connector)
    for operation in alike[len(candidates) :]:
        _look_in_vain(operation, now=now)


def _look_in_vain(operation: Operation, *, now: datetime) -> None:
    if operation.outcome == Outcome.FAILED:
        return
    operation.looks += 1
    if operation.looks >= LOOKS_BEFORE_FAILED and now - operation.created_at >= SETTLE_AFTER:
        finish(operation, Outcome.FAILED, _FAILED_MESSAGE, NOT_FOUND)
    else:
        _keep_open(operation, now=now)


def _keep_open(operation: Operation, *, now: datetime) -> None:
    """Not known yet. One whose process died ends its sending here, so that the next list counts as a look."""
    operation.finished_at = operation.finished_at or now
    write(operation, Outcome.UNKNOWN)


def any_may_be_lost(organization_id: int, *, asked_at: datetime) -> bool:
    """Whether an answer asked for at `asked_at` may tell of any change of the organization: mostly of none."""
    is_open = Q(outcome__in=[Outcome.PENDING, Outcome.UNKNOWN])
    return Operation.objects.filter(is_open | _given_up(asked_at), organization=organization_id).exists()


def _given_up(asked_at: datetime) -> Q:
    """Creates that were looked for in vain, and may turn up late after all."""
    late = asked_at - LATE_FINDS_WITHIN
    return Q(outcome=Outcome.FAILED, kind=OperationKind.CREATE, error_code=NOT_FOUND, created_at__gt=late)


def lost_creates_of(api_key: ApiKey, *, asked_at: datetime) -> QuerySet[Operation]:
    """Creates with this key that may or may not have happened, as seen from a list asked for at `asked_at`.

    Pending ones whose process must have died count, and so do recently failed ones that were given up
    looking for: should the connector turn up late after all, the operation says so.
    """
    # Waiting for a free slot may take as long again as the call itself.
    longest_call = timedelta(seconds=2 * settings.BIGDATA_TOTAL_TIMEOUT + 10)
    lost = Q(outcome=Outcome.UNKNOWN, finished_at__lt=asked_at)
    died = Q(outcome=Outcome.PENDING, created_at__lt=asked_at - longest_call)
    creates = Operation.objects.filter(key_owner=api_key.member, kind=OperationKind.CREATE)
    found = creates.filter(lost | died | _given_up(asked_at)).select_related("key_owner", "actor", "organization")
    return found.order_by("created_at")


def _candidates(operation: Operation, listed: list[Connector]) -> list[Connector]:
    alike = [connector for connector in listed if _could_be(operation, connector)]
    claimed = set(
        Operation.objects.filter(kind=OperationKind.CREATE, connector__in=alike).values_list(
            "connector_id", flat=True
        )
    )
    return sorted((c for c in alike if c.pk not in claimed), key=lambda connector: connector.created_at)


def _could_be(operation: Operation, connector: Connector) -> bool:
    """First seen after the create was sent (by our own clock), and the same in all that was asked for."""
    asked, member = operation.request, operation.key_owner
    return (
        connector.first_seen_at >= operation.created_at
        and connector.type == operation.connector_type
        and connector.label == asked.get("label")
        and connector.description == asked.get("description")
        and connector.share_with_org == asked.get("share_with_org")
        and (not member.bigdata_user_id or connector.bigdata_user_id == member.bigdata_user_id)
        and _same_config(asked.get("config", {}), connector.config)
    )


def _same_config(asked: dict[str, Any], found: dict[str, Any]) -> bool:
    return all(_comparable(value) == _comparable(found.get(name)) for name, value in asked.items())


def _comparable(value: Any) -> Any:
    """Addresses may come back in another order or case."""
    return sorted(str(each).casefold() for each in value) if isinstance(value, list) else value


def _link_predecessor(operation: Operation, connector: Connector) -> None:
    """A connector that was created to replace another's credentials says whose."""
    replaced = operation.request.get("replaces")
    if replaced:
        old = Connector.objects.filter(organization=operation.organization_id, connector_id=replaced).first()
        if old is not None and not Connector.objects.filter(predecessor=old).exists():
            connector.predecessor = old
            connector.save(update_fields=["predecessor"])
