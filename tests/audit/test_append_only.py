"""The database itself refuses to change the audit trail."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import Error, models, transaction

from connectors_app.choices import AuditAction
from connectors_app.models import AuditChain, AuditEntry, Member
from connectors_app.services import audit


@pytest.fixture
def entries(adam: Member) -> list[AuditEntry]:
    return [audit.record(AuditAction.SIGNED_IN, organization=adam.organization, actor=adam) for _ in range(3)]


@pytest.mark.parametrize(
    "change",
    [
        lambda entries: entries.update(actor_name="somebody else"),
        lambda entries: entries.filter(sequence=3).update(hash="0" * 64),
        lambda entries: entries.delete(),
        lambda entries: entries.filter(sequence=3).delete(),
    ],
    ids=["update", "update one", "delete", "delete the last"],
)
def test_no_entry_is_changed_or_deleted(
    entries: list[AuditEntry], change: Callable[[models.QuerySet], Any]
) -> None:
    before = list(AuditEntry.objects.order_by("pk").values())
    with pytest.raises(Error, match="append-only"), transaction.atomic():
        change(AuditEntry.objects.all())
    assert list(AuditEntry.objects.order_by("pk").values()) == before


def test_only_what_the_chain_says_is_pruned_can_be_deleted(entries: list[AuditEntry]) -> None:
    AuditChain.objects.update(pruned_to=2)
    AuditEntry.objects.filter(sequence__lte=2).delete()
    assert [entry.sequence for entry in AuditEntry.objects.all()] == [3]


def test_entries_are_chained_by_their_hashes(entries: list[AuditEntry]) -> None:
    stored = list(AuditEntry.objects.order_by("sequence"))
    assert [entry.previous_hash for entry in stored] == ["", stored[0].hash, stored[1].hash]
    assert [entry.compute_hash() for entry in stored] == [entry.hash for entry in stored]


def test_what_the_database_gives_back_has_the_same_hash(adam: Member, alice: Member) -> None:
    with audit.coming_from("::ffff:203.0.113.7"):
        entry = audit.record(
            AuditAction.CONNECTOR_CHANGED,
            organization=adam.organization,
            actor=adam,
            key_owner=alice,
            target_type="connector",
            target_name="Desk \x00 é 📈",
            details={"changes": {"label": ["a\x00", r"b\u0000"], "n": [1, 2.5], "z": [None, True]}},
        )
    stored = AuditEntry.objects.get(pk=entry.pk)
    assert stored.address == "203.0.113.7"
    assert stored.compute_hash() == stored.hash


def test_organizations_have_chains_of_their_own(adam: Member, mallory: Member) -> None:
    for member in (adam, mallory, adam):
        audit.record(AuditAction.SIGNED_IN, organization=member.organization, actor=member)
    audit.record(AuditAction.SIGN_IN_FAILED, organization=None, actor_name="nobody@example.com")
    found = {(e.chain_id, e.sequence) for e in AuditEntry.objects.all()}
    ours, theirs = str(adam.organization_id), str(mallory.organization_id)
    assert found == {(ours, 1), (ours, 2), (theirs, 1), ("none", 1)}
