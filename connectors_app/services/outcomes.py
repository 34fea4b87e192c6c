"""How operations end: written down, and told to the audit trail when it is news."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import transaction
from django.utils import timezone

from connectors_app.choices import AuditAction, AuditResult, Outcome
from connectors_app.models import Operation
from connectors_app.services import audit

_EDITED = ("label", "description", "share_with_org", "allowed_emails")

_Told = list[tuple[Operation, str | None]]
_to_tell: ContextVar[_Told | None] = ContextVar("to_tell", default=None)


@contextmanager
def ending() -> Iterator[_Told]:
    """A transaction in which operations end. What the trail has to be told, it is told last (see `audit`)."""
    outer = _to_tell.get()
    if outer is not None:
        yield outer
        return
    with transaction.atomic():
        to_tell: _Told = []
        token = _to_tell.set(to_tell)
        try:
            yield to_tell
        finally:
            _to_tell.reset(token)
        for operation, address in to_tell:
            with audit.coming_from(address):
                _tell(operation)


def finish(operation: Operation, outcome: Outcome, message: str, code: str = "") -> None:
    operation.message, operation.error_code = message, code
    operation.finished_at = timezone.now()
    write(operation, outcome)


def write(operation: Operation, outcome: Outcome) -> None:
    """Store the operation with this outcome. The trail is told only when another one was stored."""
    with ending() as to_tell:
        locked = Operation.objects.select_for_update(no_key=True)
        stored = locked.values_list("outcome", flat=True).get(pk=operation.pk)
        operation.outcome = outcome
        operation.save()
        if stored != outcome:
            to_tell.append((operation, audit.address()))


def _tell(operation: Operation) -> None:
    target: dict[str, Any] = {"target": operation.connector}
    if operation.connector is None:
        target = {"target_type": "connector", "target_name": operation.label}
    audit.record(
        AuditAction(f"connectors.{operation.kind}"),
        organization=operation.organization,
        actor=operation.actor,
        key_owner=operation.key_owner if operation.key_owner_id != operation.actor_id else None,
        result=AuditResult(operation.outcome),
        details=_details(operation),
        **target,
    )


def _details(operation: Operation) -> dict[str, Any]:
    details: dict[str, Any] = {"operation": str(operation.pk)}
    details |= {name: operation.request[name] for name in ("date_limit", "replaces") if name in operation.request}
    if changes := changes_of(operation):
        details["changes"] = changes
    if operation.message:
        details["message"] = operation.message
    return details


def changes_of(operation: Operation) -> dict[str, list[Any]]:
    """What an edit asked to change: field → [before, after], in the order of the form (PostgreSQL keeps none)."""
    asked = {**operation.request, **operation.request.get("config", {})}
    before = operation.request.get("before", {})
    return {name: [before[name], asked[name]] for name in _EDITED if name in before}
