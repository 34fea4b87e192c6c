"""Encrypting every stored secret anew, with the first key of the ring.

Row by row, each in a transaction of its own, on the row as it is then: it may be stopped at any time and begun
again, and what a member changes meanwhile stays changed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from django.conf import settings
from django.db import transaction

from connectors_app.choices import AuditAction, AuditResult
from connectors_app.encryption import KeyRing, Undecryptable, key_id_of, key_ring
from connectors_app.services import audit
from connectors_app.services.stored_secrets import PLACES, SecretPlace, opens


class Result(Enum):
    """What became of one stored secret (in a dry run: what would)."""

    ROTATED = auto()
    CURRENT = auto()
    UNREADABLE = auto()
    GONE = auto()


@dataclass(frozen=True, slots=True)
class Step:
    """`secret` says in words which it is: what, and whose."""

    secret: str
    result: Result


def total() -> int:
    return sum(place.rows().count() for place in PLACES)


def rotate(*, dry_run: bool) -> Iterator[Step]:
    """Each stored secret, once it is done with. One that can't be read is left as it is."""
    ring = key_ring()
    for place in PLACES:
        for row_id in list(place.rows().values_list("pk", flat=True)):
            yield _rotate(place, row_id, ring, dry_run=dry_run)


def unreadable_with_the_first_key_alone() -> list[str]:
    """The proof: what would be lost if all keys but the first were dropped now."""
    ring = KeyRing.parse(settings.FIELD_ENCRYPTION_KEYS[:1])
    rows = ((place, row) for place in PLACES for row in place.rows().iterator())
    return [_words(place, row) for place, row in rows if not opens(ring, *place.secret_of(row))]


def record_rotation(steps: list[Step]) -> None:
    """Tell the audit trail; nobody's organization, since all are concerned."""
    results = [step.result for step in steps]
    unreadable = results.count(Result.UNREADABLE)
    audit.record(
        AuditAction.ENCRYPTION_ROTATED,
        organization=None,
        result=AuditResult.FAILED if unreadable else AuditResult.SUCCEEDED,
        details={
            "key_id": key_ring().primary_id,
            "rewritten": results.count(Result.ROTATED),
            "unreadable": unreadable,
        },
    )


@transaction.atomic
def _rotate(place: SecretPlace, row_id: object, ring: KeyRing, *, dry_run: bool) -> Step:
    row = place.rows().select_for_update(of=("self",), no_key=True).filter(pk=row_id).first()
    if row is None:
        return Step("", Result.GONE)
    words = _words(place, row)
    stored, where = place.secret_of(row)
    try:
        value = ring.decrypt(stored, where)
    except Undecryptable:
        return Step(words, Result.UNREADABLE)
    if key_id_of(stored) == ring.primary_id:
        return Step(words, Result.CURRENT)
    if not dry_run:
        place.rewrite(row, value, ring)
    return Step(words, Result.ROTATED)


def _words(place: SecretPlace, row: Any) -> str:
    return f"{place.singular} of {place.owner_of(row)}"
