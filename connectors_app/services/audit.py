"""Adding to the audit trail.

An organization's entries queue for the end of its chain, so record last in a transaction: what a transaction
does after it, every other one of the organization waits for.
"""

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from connectors_app.choices import AuditAction, AuditResult
from connectors_app.models import AuditChain, AuditEntry, Member, Organization
from connectors_app.models.audit import NO_ORGANIZATION

_address: ContextVar[str | None] = ContextVar("address", default=None)


@contextmanager
def coming_from(address: str | None) -> Iterator[None]:
    """What is recorded inside was asked for from this IP address."""
    token = _address.set(address)
    try:
        yield
    finally:
        _address.reset(token)


def address() -> str | None:
    """Where what is recorded here was asked for from."""
    return _address.get()


def record(
    action: AuditAction,
    *,
    organization: Organization | None,
    actor: Member | None = None,
    actor_name: str = "",
    key_owner: Member | None = None,
    target: models.Model | None = None,
    target_type: str = "",
    target_id: object = "",
    target_name: str = "",
    result: AuditResult = AuditResult.SUCCEEDED,
    details: dict[str, Any] | None = None,
) -> AuditEntry:
    """Add one entry, in the running transaction if there is one.

    `target` is what it was done to; where that has no row, name it by `target_type`, `target_id` and
    `target_name`. `key_owner` is the member whose API key was used. `details` must be free of secrets and fit
    JSON; what changed reads `{"changes": {field: [before, after]}}`. `actor_name` is for those who are no
    member, such as the address in a failed sign-in.
    """
    if target is not None:
        target_type = target._meta.model_name or ""
        target_id = target_id or getattr(target, "connector_id", target.pk)
        target_name = target_name or getattr(target, "label", "") or str(target)
    with transaction.atomic():
        chain = _end_of_chain(organization)
        entry = AuditEntry(
            chain=chain,
            sequence=chain.length + 1,
            at=timezone.now(),
            organization=organization,
            action=action,
            result=result,
            actor=actor,
            actor_name=_clean(actor.email if actor else actor_name, 254),
            actor_role=actor.role if actor else "",
            key_owner=key_owner,
            key_owner_name=key_owner.email if key_owner else "",
            address=_spelled_as_stored(_address.get()),
            target_type=target_type,
            target_id=_clean(str(target_id), 64),
            target_name=_clean(target_name, 500),
            details=_as_stored(details or {}),
            previous_hash=chain.last_hash,
        )
        entry.hash = entry.compute_hash()
        entry.save(force_insert=True)
        chain.length, chain.last_hash = entry.sequence, entry.hash
        chain.save(update_fields=["length", "last_hash"])
    return entry


def _end_of_chain(organization: Organization | None) -> AuditChain:
    """The organization's chain, locked to the transaction's end."""
    key = str(organization.pk) if organization else NO_ORGANIZATION
    AuditChain.objects.get_or_create(key=key)
    return AuditChain.objects.select_for_update(no_key=True).get(key=key)


def _spelled_as_stored(address: str | None) -> str | None:
    """The one spelling of an IP address that both databases give back."""
    if address is None:
        return None
    parsed = ipaddress.ip_address(address)
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)


def _as_stored(value: Any) -> Any:
    """What JSON makes of it, without NUL bytes."""
    if isinstance(value, dict):
        return {_clean(str(name)): _as_stored(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_as_stored(each) for each in value]
    return _clean(value) if isinstance(value, str) else value


def _clean(text: str, length: int | None = None) -> str:
    """Not every database stores NUL bytes, nor more than fits."""
    return text.replace("\x00", "")[:length]
