"""Checking that the audit trail is whole: nothing changed, left out, put in or taken away behind its back.

Who can write to the database can also make a whole chain anew, from the first hash to the last. That shows
only against a hash that was noted elsewhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module

from django.db import connection

from connectors_app.choices import AuditAction
from connectors_app.models import AuditChain, AuditEntry

_ROWS_AT_ONCE = 500
_MIGRATION = "connectors_app.migrations.0003_audit_is_append_only"
_TRIGGERS = ("audit_entry_no_update", "audit_entry_no_delete")
_QUERIES = {
    "sqlite": "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s",
    "postgresql": """
        SELECT concat(tgname, ' ', tgenabled, ' ', prosrc)
        FROM pg_trigger JOIN pg_proc ON tgfoid = pg_proc.oid
        WHERE tgrelid = %s::regclass AND NOT tgisinternal""",
}


class Broken(Exception):
    """The trail is not what was recorded; `message` says where."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(slots=True)
class _Walk:
    """How far a chain was walked: the last good entry, and whether the expected hash came by."""

    sequence: int
    hash: str
    found: bool


def check_chain(key: str, *, expected: str = "") -> AuditChain:
    """The chain, when all that is left of it is as it was recorded. Raises Broken. Memory stays flat.

    `expected`: a hash noted earlier as the chain's last, which must still be in it.
    """
    chain = AuditChain.objects.filter(pk=key).first()
    if chain is None:
        raise Broken("the chain does not exist")
    walk = _Walk(chain.pruned_to, chain.pruned_hash, expected in ("", chain.pruned_hash))
    while True:
        _walk_on(chain, walk, expected)
        chain.refresh_from_db()
        if chain.length <= walk.sequence:
            break
        # Entries that were recorded meanwhile are there by now; else they are missing.
        if not chain.entries.filter(sequence=walk.sequence + 1).exists():
            raise Broken(f"entry {walk.sequence + 1} is missing, of {chain.length}")
    if (chain.length, chain.last_hash) != (walk.sequence, walk.hash):
        raise Broken(f"entry {walk.sequence} is not the last that was recorded, which is {chain.length}")
    _check_pruning(chain)
    if not walk.found:
        raise Broken(f"no entry has the expected hash {expected}")
    return chain


def check_triggers() -> None:
    """Raises Broken unless the database refuses changes just as the migration told it to."""
    if _triggers() != _wanted():
        raise Broken("the database's triggers that protect the trail are missing or not as they were put up")


def _walk_on(chain: AuditChain, walk: _Walk, expected: str) -> None:
    for entry in _entries(chain, walk):
        if entry.sequence != walk.sequence + 1:
            raise Broken(f"entry {walk.sequence + 1} is missing: {entry.sequence} follows {walk.sequence}")
        if entry.previous_hash != walk.hash:
            raise Broken(f"entry {entry.sequence} does not follow entry {walk.sequence}")
        if entry.compute_hash() != entry.hash:
            raise Broken(f"entry {entry.sequence} was changed")
        walk.sequence, walk.hash = entry.sequence, entry.hash
        walk.found = walk.found or entry.hash == expected


def _entries(chain: AuditChain, walk: _Walk) -> Iterator[AuditEntry]:
    entries = chain.entries.order_by("sequence")
    if walk.sequence > chain.pruned_to:
        entries = entries.filter(sequence__gt=walk.sequence)
    try:
        yield from entries.iterator(chunk_size=_ROWS_AT_ONCE)
    except (ValueError, TypeError):
        raise Broken(f"an entry after {walk.sequence} can't be read") from None


def _check_pruning(chain: AuditChain) -> None:
    """What was pruned is told by an entry that came after it."""
    if not chain.pruned_to:
        return
    told = chain.entries.filter(action=AuditAction.AUDIT_PRUNED).order_by("-sequence").first()
    if told is None or (told.details.get("last"), told.details.get("hash")) != (
        chain.pruned_to,
        chain.pruned_hash,
    ):
        raise Broken(f"entries up to {chain.pruned_to} are gone, and no entry tells of that pruning")


def _wanted() -> set[str]:
    migration = import_module(_MIGRATION)
    if connection.vendor == "sqlite":
        return set(migration.SQLITE)
    function: str = migration.POSTGRESQL[0].split("$$")[1]
    return {f"{name} O {function}" for name in _TRIGGERS}


def _triggers() -> set[str]:
    """The triggers on the trail as this kind of database keeps them."""
    with connection.cursor() as cursor:
        cursor.execute(_QUERIES[connection.vendor], [AuditEntry._meta.db_table])
        return {row[0] for row in cursor.fetchall()}
