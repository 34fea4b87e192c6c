"""prune_audit: the oldest entries go, that they went is told, and the rest still proves itself whole."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from connectors_app.choices import AuditAction
from connectors_app.models import AuditChain, AuditEntry, Member, Organization
from connectors_app.services import audit

from .conftest import recorded
from .tampering import behind_its_back
from .test_verify import complaint, verify


@pytest.fixture
def aged(adam: Member, monkeypatch: pytest.MonkeyPatch) -> list[AuditEntry]:
    """One entry for each of these ages in days."""
    entries, now = [], timezone.now()
    for days in (40, 30, 20, 10):
        monkeypatch.setattr(timezone, "now", lambda days=days: now - timedelta(days=days, minutes=1))
        entries.append(audit.record(AuditAction.SIGNED_IN, organization=adam.organization, actor=adam))
    monkeypatch.undo()
    return entries


def prune(days: int, *arguments: str) -> str:
    out = StringIO()
    call_command("prune_audit", "--older-than", str(days), *arguments, stdout=out)
    return out.getvalue()


def left() -> list[int]:
    return list(AuditEntry.objects.order_by("sequence").values_list("sequence", flat=True))


def test_what_is_older_goes_and_is_told(aged: list[AuditEntry]) -> None:
    assert f"{aged[0].chain_id}: entries 1 to 2 deleted" in prune(25)
    assert left() == [3, 4, 5]
    [entry] = recorded(AuditAction.AUDIT_PRUNED)
    assert (entry.organization, entry.actor) == (aged[0].organization, None)
    told = {name: entry.details[name] for name in ("first", "last", "hash")}
    assert told == {"first": 1, "last": 2, "hash": aged[1].hash}
    assert "5 entries" in verify()


def test_it_can_be_done_again_and_the_first_entry_fits_what_was_pruned(aged: list[AuditEntry]) -> None:
    prune(35)
    prune(15)
    assert [entry.details["first"] for entry in recorded(AuditAction.AUDIT_PRUNED)] == [1, 2]
    assert left() == [4, 5, 6]
    assert verify("--expect", f"{aged[0].chain_id}={aged[2].hash}")


def test_nothing_is_told_where_nothing_is_that_old(aged: list[AuditEntry]) -> None:
    assert "nothing is that old" in prune(50)
    assert left() == [1, 2, 3, 4]


def test_a_chain_keeps_its_last_entry(aged: list[AuditEntry]) -> None:
    prune(1)
    assert left() == [4, 5]
    assert verify()


def test_a_dry_run_only_says_what_would_go(aged: list[AuditEntry]) -> None:
    assert "entries 1 to 2 would go" in prune(25, "--dry-run")
    assert left() == [1, 2, 3, 4]
    assert verify()


def test_the_chain_of_no_organization_is_pruned_too(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now - timedelta(days=9))
    for _ in range(2):
        audit.record(AuditAction.SIGN_IN_FAILED, organization=None)
    monkeypatch.undo()
    prune(5)
    assert left() == [2, 3]
    assert verify()


def test_an_old_entry_after_a_newer_one_stays(aged: list[AuditEntry], monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now - timedelta(days=90))
    audit.record(AuditAction.SIGNED_IN, organization=aged[0].organization)
    monkeypatch.undo()
    prune(25)
    assert left() == [3, 4, 5, 6]
    assert verify()


def test_pruning_that_cannot_be_told_deletes_nothing(aged: list[AuditEntry]) -> None:
    """Of an organization that is not there, nothing can be told."""
    chain = AuditChain.objects.create(key="999999", length=2)
    for entry in aged[:2]:
        entry.pk, entry.chain = None, chain
        entry.save()
    with pytest.raises(Organization.DoesNotExist):
        prune(25)
    assert chain.entries.count() == 2


@pytest.mark.parametrize("days", [0, -1, 10**9])
def test_a_number_of_days_that_makes_no_sense_is_refused(aged: list[AuditEntry], days: int) -> None:
    with pytest.raises(CommandError, match="number of days"):
        prune(days)
    assert left() == [1, 2, 3, 4]


def test_entries_deleted_with_the_look_of_pruning_are_missed(aged: list[AuditEntry]) -> None:
    AuditChain.objects.update(pruned_to=2, pruned_hash=aged[1].hash)
    AuditEntry.objects.filter(sequence__lte=2).delete()
    assert "no entry tells of that pruning" in complaint()


def test_more_deleted_than_was_told_is_missed(aged: list[AuditEntry]) -> None:
    prune(35)
    AuditChain.objects.update(pruned_to=2, pruned_hash=aged[1].hash)
    AuditEntry.objects.filter(sequence__lte=2).delete()
    assert "no entry tells of that pruning" in complaint()


def test_the_entry_after_what_was_pruned_has_to_fit(aged: list[AuditEntry]) -> None:
    prune(25)
    behind_its_back("UPDATE ENTRY SET previous_hash = '' WHERE sequence = 3")
    assert "entry 3 does not follow entry 2" in complaint()
