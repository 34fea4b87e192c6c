"""The sharing report: what the organization sees, since when and by whom; and each change of that."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from connectors_app.choices import OperationKind, Outcome
from connectors_app.models import Connector, Member, Operation, OutsideChange
from connectors_app.sandbox import SandboxServer
from tests.connectors.changing import change_elsewhere, look, opened, url
from tests.connectors.stage import filled, send


def tables(client: Client, query: str = "") -> list[list[str]]:
    """The rows of both tables (what is shared now; what changed) as a person reads them."""
    parts = client.get(f"/sharing/{query}").text.split("Changes of sharing</h2>")
    assert len(parts) == 2
    return [[_text(row) for row in re.findall(r"(?s)<tr.*?</tr>", part) if 'scope="row"' in row] for part in parts]


def _text(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def edit(actor: Member, connector: Connector, *, to: bool, days_ago: int = 0, **more: Any) -> Operation:
    values: dict[str, Any] = {
        "organization": actor.organization,
        "actor": actor,
        "key_owner": actor,
        "kind": OperationKind.UPDATE,
        "connector": connector,
        "request": {"label": "x", "share_with_org": to, "before": {"share_with_org": not to}},
        "outcome": Outcome.SUCCEEDED,
        "created_at": timezone.now() - timedelta(days=days_ago),
    }
    return Operation.objects.create(**values | more)


def outside(connector: Connector, *, to: bool, days_ago: int) -> None:
    seen_at = timezone.now() - timedelta(days=days_ago)
    OutsideChange.objects.create(
        connector=connector, field="share_with_org", before=not to, after=to, seen_at=seen_at
    )


@pytest.fixture
def shared(make_connector: Any, alice: Member) -> Connector:
    return make_connector(alice, shared=True, label="Desk")


def test_only_what_is_shared_now_and_ours_is_listed(
    admin: Client, shared: Connector, make_connector: Any, bob: Member, mallory: Member
) -> None:
    make_connector(bob, label="Private")
    make_connector(mallory, shared=True, label="Foreign")
    make_connector(bob, shared=True, label="Lost")
    Connector.objects.filter(label="Lost").update(gone_at=timezone.now())
    [now, changes] = tables(admin)
    assert [row.split()[0] for row in now] == ["Desk"]
    assert changes == []


def test_what_was_shared_when_first_seen_says_so(admin: Client, shared: Connector) -> None:
    Connector.objects.update(first_seen_at=datetime(2026, 2, 3, 12, tzinfo=UTC))
    [[row], _] = tables(admin)
    assert row == "Desk Email inbox alice@example.com before 3 Feb 2026 not known"


def test_who_created_it_shared_it(desk: Client, admin: Client) -> None:
    send(desk, filled(share_with_org="on", confirmed="1"))
    [[now], [change]] = tables(admin)
    assert now == "Desk mail Email inbox alice@example.com just now alice@example.com"
    assert change == "Desk mail did not exist Shared with organization alice@example.com just now"


def test_who_edited_the_sharing_shared_it_with_whose_key(inbox: Connector, adam: Member, admin: Client) -> None:
    changes = {"share_with_org": "on", "confirmed": "1"}
    admin.post(url(inbox, "edit"), opened(admin, url(inbox, "edit"), **changes))
    [[now], [change]] = tables(admin)
    assert "just now adam@example.com, with the key of alice@example.com" in now
    assert change.startswith("Desk mail Private to owner Shared with organization adam@example.com, with the key")


def test_sharing_from_outside_is_nobody_s_here(
    inbox: Connector, admin: Client, sandbox: SandboxServer, alice_with_key: Member
) -> None:
    change_elsewhere(sandbox, inbox, share_with_org=True)
    look(alice_with_key)
    [[now], [change]] = tables(admin)
    assert now.endswith("just now outside the dashboard")
    assert change == "Desk mail Private to owner Shared with organization outside the dashboard just now"


def test_the_latest_sharing_counts(admin: Client, shared: Connector, alice: Member, adam: Member) -> None:
    edit(alice, shared, to=True, days_ago=9)
    edit(adam, shared, to=False, days_ago=7)
    outside(shared, to=True, days_ago=5)
    outside(shared, to=False, days_ago=4)
    edit(adam, shared, to=True, days_ago=3)
    [[now], changes] = tables(admin)
    assert now.endswith("adam@example.com")
    who = ["adam", "outside", "outside", "adam", "alice"]
    assert [name in row.replace("@example.com", "") for name, row in zip(who, changes, strict=True)] == [True] * 5


def test_what_was_taken_back_and_shared_again_unseen_is_shared_since_it_was_last_seen_to_be(
    admin: Client, shared: Connector, alice: Member, adam: Member
) -> None:
    edit(alice, shared, to=True, days_ago=9)
    edit(adam, shared, to=False, days_ago=7)
    assert tables(admin)[0][0].endswith("alice@example.com")


def test_an_edit_of_something_else_or_one_that_failed_is_no_change_of_sharing(
    admin: Client, shared: Connector, alice: Member
) -> None:
    edit(alice, shared, to=True, request={"label": "x", "share_with_org": True, "before": {"label": "y"}})
    edit(alice, shared, to=True, outcome=Outcome.FAILED)
    edit(alice, shared, to=True, outcome=Outcome.UNKNOWN)
    edit(alice, shared, to=False, kind=OperationKind.CREATE, request={"share_with_org": False})
    [[now], changes] = tables(admin)
    assert now.endswith("not known")
    assert changes == []


def test_what_was_taken_back_shows_among_the_changes(admin: Client, make_connector: Any, alice: Member) -> None:
    edit(alice, make_connector(alice, label="Desk"), to=False)
    [now, [change]] = tables(admin)
    assert now == []
    assert change == "Desk Shared with organization Private to owner alice@example.com just now"


def test_both_tables_are_narrowed_to_an_owner(
    admin: Client, shared: Connector, make_connector: Any, alice: Member, bob: Member
) -> None:
    edit(alice, shared, to=True)
    edit(bob, make_connector(bob, shared=True, label="Bob's"), to=True)
    assert [len(table) for table in tables(admin)] == [2, 2]
    assert [[row.split()[0] for row in table] for table in tables(admin, "?owner=user_alice")] == [["Desk"]] * 2
    assert tables(admin, "?owner=user_nobody") == [[], []]


def test_nothing_of_another_organization_s_changes_shows(
    admin: Client, make_connector: Any, mallory: Member
) -> None:
    theirs = make_connector(mallory, shared=True, label="Foreign")
    edit(mallory, theirs, to=True)
    outside(theirs, to=True, days_ago=1)
    assert tables(admin) == [[], []]
    assert tables(admin, "?owner=user_mallory") == [[], []]


def test_the_changes_are_paged_and_each_shows_once(admin: Client, shared: Connector, alice: Member) -> None:
    now = timezone.now()
    for number in range(70):
        edit(alice, shared, to=number % 2 == 0, created_at=now - timedelta(minutes=number // 3))
        outside(shared, to=True, days_ago=number + 1)
    found, query = [], ""
    while True:
        page = admin.get(f"/sharing/{query}")
        changes = page.context["changes"]
        found += [(change.at, change.by) for change, _ in changes.changes]
        if changes.older_than is None:
            break
        query = f"?before={changes.older_than.isoformat().replace('+', '%2B')}"
    assert len(found) == 140
    assert found == sorted(found, key=lambda each: each[0], reverse=True)


@pytest.mark.parametrize("count", [2, 120])
def test_it_asks_a_fixed_number_of_times(
    admin: Client,
    alice: Member,
    make_connector: Any,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    count: int,
) -> None:
    for number in range(count):
        edit(alice, make_connector(alice, shared=True, label=f"Desk {number}"), to=True)
    with django_assert_max_num_queries(10):
        admin.get("/sharing/")


def test_the_report_is_a_tab_of_the_trail_for_who_may_see_it(
    admin: Client, alice: Member, signed_in: Callable[[Member], Client]
) -> None:
    assert 'href="/sharing/"' in admin.get("/audit/").text
    assert 'href="/sharing/"' not in signed_in(alice).get("/audit/").text


@pytest.mark.parametrize("query", ["?page=99", "?page=x", "?before=x", "?owner=%00", "?before=2026-01-01"])
def test_what_makes_no_sense_is_ignored(admin: Client, shared: Connector, query: str) -> None:
    assert len(tables(admin, query)[0]) == 1


def test_a_script_in_a_label_is_inert(admin: Client, make_connector: Any, alice: Member) -> None:
    bad = make_connector(alice, shared=True, label="<script>alert(1)</script>")
    edit(alice, bad, to=True)
    assert "<script>alert" not in admin.get("/sharing/").text
