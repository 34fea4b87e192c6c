"""The trail as CSV: exactly what is filtered, inert, and told in the trail."""

import csv
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.test import Client

from connectors_app.choices import AuditAction
from connectors_app.models import AuditEntry, Member
from connectors_app.services import audit

from .conftest import recorded

Add = Callable[..., AuditEntry]


def exported(client: Client, query: str = "") -> list[dict[str, str]]:
    answer: Any = client.get(f"/audit/export.csv{query}")
    text = answer.getvalue().decode()
    assert text.startswith("\ufeff")
    return list(csv.DictReader(StringIO(text.removeprefix("\ufeff"), newline="")))


def test_a_row_holds_all_of_an_entry(admin: Client, add: Add, adam: Member, alice: Member) -> None:
    with audit.coming_from("203.0.113.9"):
        entry = add(
            adam, AuditAction.ROLE_CHANGED, key_owner=alice, target=alice, details={"changes": {"é": [1, 2]}}
        )
    [row] = exported(admin)
    assert row == {
        "at": f"{entry.at:%Y-%m-%dT%H:%M:%SZ}",
        "who": "adam@example.com",
        "role": "admin",
        "key of": "alice@example.com",
        "action": "members.role_changed",
        "result": "succeeded",
        "target type": "member",
        "target id": str(alice.pk),
        "target": "alice@example.com",
        "address": "203.0.113.9",
        "details": '{"changes": {"é": [1, 2]}}',
        "number": "1",
        "hash": entry.hash,
    }


def test_it_holds_what_the_filters_let_through_beyond_a_page(admin: Client, add: Add, adam: Member) -> None:
    for _ in range(60):
        add(adam, AuditAction.KEY_ADDED)
        add(adam, AuditAction.SIGNED_IN)
    found = exported(admin, "?group=keys&before=2026-01-01T00:00:00Z_1")
    assert [row["number"] for row in found] == [str(number) for number in range(119, 0, -2)]


def test_that_it_was_exported_is_told_after_what_it_holds(admin: Client, add: Add, adam: Member) -> None:
    add(adam)
    assert [len(exported(admin, "?q=adam")) for _ in range(2)] == [1, 2]
    first, _ = recorded(AuditAction.AUDIT_EXPORTED)
    assert (first.actor, first.details) == (adam, {"count": 1, "filters": {"q": "adam"}})


def test_analysts_export_their_own_actions_alone(
    add: Add, alice: Member, adam: Member, mallory: Member, signed_in: Callable[[Member], Client]
) -> None:
    for member in (alice, adam, mallory):
        add(member)
    assert [row["who"] for row in exported(signed_in(alice), f"?actor={adam.pk}")] == []
    assert {row["who"] for row in exported(signed_in(alice))} == {"alice@example.com"}


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
def test_no_cell_is_a_formula(admin: Client, adam: Member, start: str) -> None:
    bad = f"{start}cmd|' /C calc'!A0"
    audit.record(
        AuditAction.SIGN_IN_FAILED, organization=adam.organization, actor_name=bad, target_name=bad, target_id=bad
    )
    [row] = exported(admin)
    assert [row["who"], row["target"], row["target id"]] == [f"'{bad}"] * 3


def test_a_foreign_organization_s_entries_are_in_no_file(admin: Client, add: Add, mallory: Member) -> None:
    add(mallory)
    assert exported(admin) == []
