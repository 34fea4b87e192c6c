"""verify_audit: whatever is done to the trail behind its back, it names the first entry that is wrong."""

from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from connectors_app.choices import AuditAction
from connectors_app.models import AuditChain, AuditEntry, Member
from connectors_app.services import audit

from .tampering import TABLE, behind_its_back, forge, run

LENGTH = 5


@pytest.fixture
def entries(adam: Member, alice: Member) -> list[AuditEntry]:
    """Five of Adam's organization; each of the fields holds something in one of them."""
    with audit.coming_from("203.0.113.9"):
        return [
            audit.record(
                AuditAction.CONNECTOR_CHANGED,
                organization=adam.organization,
                actor=adam,
                key_owner=alice,
                target=alice,
                details={"changes": {"label": ["a", f"{number}"]}},
            )
            for number in range(LENGTH)
        ]


def verify(*arguments: str) -> str:
    """What it prints; raises CommandError with all it complains about."""
    out, err = StringIO(), StringIO()
    try:
        call_command("verify_audit", *arguments, stdout=out, stderr=err)
    except CommandError as error:
        raise CommandError(f"{error}\n{err.getvalue()}") from None
    return out.getvalue()


def complaint(*arguments: str) -> str:
    with pytest.raises(CommandError) as found:
        verify(*arguments)
    return str(found.value)


def test_each_chain_is_named_with_its_length_and_last_hash(
    entries: list[AuditEntry], adam: Member, mallory: Member
) -> None:
    theirs = audit.record(AuditAction.SIGNED_IN, organization=mallory.organization, actor=mallory)
    nobody_s = audit.record(AuditAction.SIGN_IN_FAILED, organization=None)
    assert verify().splitlines() == [
        f"{adam.organization_id} (Northwind Research): 5 entries, last hash {entries[-1].hash}",
        f"{mallory.organization_id} (Elsewhere): 1 entries, last hash {theirs.hash}",
        f"none (no organization): 1 entries, last hash {nobody_s.hash}",
    ]
    assert verify("--organization", "Elsewhere").splitlines() == verify().splitlines()[1:2]


def test_an_empty_trail_is_whole(db: None) -> None:
    assert verify() == ""


CHANGES = {
    "actor_name": "somebody else",
    "actor_role": "analyst",
    "actor_id": None,
    "key_owner_id": None,
    "key_owner_name": "",
    "action": "connectors.delete",
    "result": "refused",
    "address": "198.51.100.1",
    "at": "2026-01-01 00:00:00",
    "target_type": "connector",
    "target_id": "1",
    "target_name": "x",
    "details": '{"changes": {"label": ["a", "9"]}}',
    "organization_id": None,
    "previous_hash": "0" * 64,
    "hash": "0" * 64,
}


def test_the_changes_below_are_all_there_could_be() -> None:
    columns = {field.column for field in AuditEntry._meta.concrete_fields}
    assert set(CHANGES) | {"id", "chain_id", "sequence"} == columns


@pytest.mark.parametrize("column", CHANGES)
def test_a_changed_field_is_found(entries: list[AuditEntry], column: str) -> None:
    behind_its_back("UPDATE ENTRY SET COLUMN = %s WHERE sequence = 3".replace("COLUMN", column), CHANGES[column])
    assert "entry 3" in complaint()


@pytest.mark.parametrize(
    ("sequence", "wanted"), [(1, "entry 1 is missing"), (3, "entry 3 is missing"), (5, "entry 5 is missing, of 5")]
)
def test_a_removed_entry_is_found(entries: list[AuditEntry], sequence: int, wanted: str) -> None:
    behind_its_back("DELETE FROM ENTRY WHERE sequence = %s", sequence)
    assert wanted in complaint()


def test_removed_last_entries_are_found_though_the_chain_was_shortened(entries: list[AuditEntry]) -> None:
    noted = f"{entries[0].chain_id}={entries[-1].hash}"
    behind_its_back("DELETE FROM ENTRY WHERE sequence > 3")
    AuditChain.objects.update(length=4, last_hash=entries[3].hash)
    assert "entry 4 is missing" in complaint()
    AuditChain.objects.update(length=3, last_hash=entries[2].hash)
    assert "3 entries" in verify()  # this much can only be known from a hash noted elsewhere
    assert "no entry has the expected hash" in complaint("--expect", noted)


def test_a_whole_chain_that_is_gone_is_missed(entries: list[AuditEntry]) -> None:
    noted = f"{entries[0].chain_id}={entries[-1].hash}"
    behind_its_back("DELETE FROM ENTRY")
    AuditChain.objects.all().delete()
    assert "does not exist" in complaint("--expect", noted)
    assert "does not exist" in complaint("--organization", "Northwind Research")


def copy_of(entry: AuditEntry, **values: object) -> AuditEntry:
    new = AuditEntry(
        **{f.attname: getattr(entry, f.attname) for f in AuditEntry._meta.concrete_fields if f.name != "id"}
    )
    for name, value in values.items():
        setattr(new, name, value)
    new.hash = new.compute_hash()
    return new


def test_an_appended_entry_is_found(entries: list[AuditEntry]) -> None:
    copy_of(entries[-1], sequence=6, previous_hash=entries[-1].hash).save()
    assert "entry 6 is not the last that was recorded, which is 5" in complaint()


def test_an_entry_put_in_between_is_found(entries: list[AuditEntry]) -> None:
    for number in (5, 4):
        behind_its_back("UPDATE ENTRY SET sequence = sequence + 1 WHERE sequence = %s", number)
    copy_of(entries[2], sequence=4, previous_hash=entries[2].hash).save()
    assert "entry 5 does not follow entry 4" in complaint()


def test_swapped_entries_are_found(entries: list[AuditEntry]) -> None:
    for old, new in ((2, 99), (3, 2), (99, 3)):
        behind_its_back("UPDATE ENTRY SET sequence = %s WHERE sequence = %s", new, old)
    assert "entry 2 does not follow entry 1" in complaint()


def test_a_forged_entry_with_a_hash_that_fits_is_found_by_the_next(entries: list[AuditEntry]) -> None:
    forge(entries[2], actor_name="somebody else")
    assert "entry 4 does not follow entry 3" in complaint()


def test_a_forged_last_entry_is_found_by_the_chain(entries: list[AuditEntry]) -> None:
    forge(entries[-1], actor_name="somebody else")
    assert "entry 5 is not the last that was recorded" in complaint()


def test_a_chain_made_anew_is_found_by_a_hash_that_was_noted(entries: list[AuditEntry]) -> None:
    noted = f"{entries[0].chain_id}={entries[3].hash}"
    assert verify("--expect", noted)
    previous = ""
    for entry in entries:
        forge(entry, actor_name="somebody else", previous_hash=previous)
        previous = entry.hash
    AuditChain.objects.update(last_hash=previous)
    assert verify()
    assert "no entry has the expected hash" in complaint("--expect", noted)


def test_a_hash_noted_earlier_is_still_good_when_more_was_recorded(
    entries: list[AuditEntry], adam: Member
) -> None:
    noted = f"{entries[0].chain_id}={entries[-1].hash}"
    audit.record(AuditAction.SIGNED_OUT, organization=adam.organization, actor=adam)
    assert "6 entries" in verify("--expect", noted)


def test_the_others_are_still_checked_after_a_bad_one(entries: list[AuditEntry], mallory: Member) -> None:
    audit.record(AuditAction.SIGNED_IN, organization=mallory.organization, actor=mallory)
    behind_its_back("UPDATE ENTRY SET actor_name = 'x' WHERE sequence = 1")
    found = complaint()
    assert "Northwind Research): entry 1 was changed" in found
    assert "Elsewhere): entry 1 was changed" in found


@pytest.mark.parametrize("name", ["audit_entry_no_update", "audit_entry_no_delete"])
def test_a_missing_trigger_is_found(entries: list[AuditEntry], name: str) -> None:
    run(f"DROP TRIGGER {name}" + (f" ON {TABLE}" if connection.vendor == "postgresql" else ""))
    assert "triggers" in complaint()


def test_a_trigger_that_lets_everything_through_is_found(entries: list[AuditEntry]) -> None:
    if connection.vendor == "postgresql":
        run("SET CONSTRAINTS ALL IMMEDIATE")
        run(f"ALTER TABLE {TABLE} DISABLE TRIGGER audit_entry_no_update")
    else:
        run("DROP TRIGGER audit_entry_no_update")
        run(f"CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON {TABLE} BEGIN SELECT 1; END")
    assert "triggers" in complaint()


@pytest.mark.parametrize("expected", ["x", "=x", "x=", "="])
def test_an_expectation_that_makes_no_sense_is_refused(db: None, expected: str) -> None:
    assert "--expect takes" in complaint("--expect", expected)


def test_an_unknown_organization_is_refused(db: None) -> None:
    assert "There is no organization" in complaint("--organization", "Nobody")


def test_what_is_recorded_while_it_walks_is_no_gap(entries: list[AuditEntry], adam: Member) -> None:
    more = iter(range(3))

    def record_before_the_chain_is_read(execute: Callable, sql: str, *rest: object) -> object:
        if sql.startswith("SELECT") and 'FROM "connectors_app_auditchain"' in sql and next(more, None) is not None:
            audit.record(AuditAction.SIGNED_IN, organization=adam.organization, actor=adam)
        return execute(sql, *rest)

    with connection.execute_wrapper(record_before_the_chain_is_read):
        found = verify("--organization", adam.organization.name)
    assert "8 entries" in found
