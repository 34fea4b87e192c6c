"""Deleting the oldest entries of the audit trail, in a way that the rest still proves itself whole."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from connectors_app.choices import AuditAction
from connectors_app.models import AuditChain, AuditEntry, Organization
from connectors_app.models.audit import NO_ORGANIZATION
from connectors_app.services import audit


@dataclass(frozen=True, slots=True)
class Pruned:
    """The entries of a chain that go: from the first to the last, by number."""

    first: int
    last: int

    @property
    def count(self) -> int:
        return self.last - self.first + 1


def prune(chain_key: str, *, older_than: datetime, dry_run: bool = False) -> Pruned | None:
    """Delete a chain's entries from before that moment, and record it. None where there is none.

    Its last entry always stays: what is recorded next follows from it.
    """
    with transaction.atomic():
        chain = AuditChain.objects.select_for_update(no_key=True).get(pk=chain_key)
        last = _last_to_go(chain, older_than)
        if last is None:
            return None
        pruned = Pruned(chain.pruned_to + 1, last.sequence)
        if not dry_run:
            _delete(chain, last)
            _record(chain, pruned, last.hash, older_than)
    return pruned


def _last_to_go(chain: AuditChain, older_than: datetime) -> AuditEntry | None:
    """The one before the first that stays: a clock that once went wrong leaves no gap."""
    entries = chain.entries.order_by("sequence")
    staying = entries.filter(at__gte=older_than).first() or entries.last()
    return entries.filter(sequence=staying.sequence - 1).first() if staying else None


def _delete(chain: AuditChain, last: AuditEntry) -> None:
    chain.pruned_to, chain.pruned_hash = last.sequence, last.hash
    chain.save(update_fields=["pruned_to", "pruned_hash"])
    chain.entries.filter(sequence__lte=last.sequence).delete()


def _record(chain: AuditChain, pruned: Pruned, last_hash: str, older_than: datetime) -> None:
    organization = None if chain.key == NO_ORGANIZATION else Organization.objects.get(pk=chain.key)
    audit.record(
        AuditAction.AUDIT_PRUNED,
        organization=organization,
        details={
            "first": pruned.first,
            "last": pruned.last,
            "hash": last_hash,
            "older_than": older_than.isoformat(timespec="seconds"),
        },
    )
