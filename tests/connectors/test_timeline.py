"""The timeline: what was asked for here, what synced, and what was changed elsewhere, in one list."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from connectors_app.choices import OperationKind, Outcome
from connectors_app.models import ApiKey, Connector, Member, Operation, OutsideChange, SyncRun
from connectors_app.sandbox import SandboxServer
from connectors_app.services.polling import poll
from connectors_app.services.timeline import Entry, timeline

from .stage import make_run, text_of

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HTMX = {"HX-Request": "true"}


@pytest.fixture
def connector(desk: Client, sandbox: SandboxServer) -> Connector:
    sandbox.plant(type="sharepoint", config={})
    assert poll(ApiKey.objects.get().pk)
    return Connector.objects.get()


@pytest.fixture
def asked(connector: Connector, alice: Member) -> Callable[..., Operation]:
    """An operation on the connector; by default Alice's, an hour after noon."""

    def make(kind: OperationKind = OperationKind.SYNC, **fields: Any) -> Operation:
        values = {
            "organization": connector.organization,
            "actor": alice,
            "key_owner": alice,
            "connector": connector,
            "connector_type": connector.type,
            "outcome": Outcome.SUCCEEDED,
            "created_at": NOON + timedelta(hours=1),
        }
        return Operation.objects.create(kind=kind, **values | fields)

    return make


def ran(connector: Connector, minutes: float = 0, **fields: Any) -> SyncRun:
    return make_run(connector, at=NOON + timedelta(minutes=minutes), **fields)


def changed(connector: Connector, field: str, before: Any, after: Any) -> OutsideChange:
    return OutsideChange.objects.create(
        connector=connector, field=field, before=before, after=after, seen_at=NOON + timedelta(hours=2)
    )


def only_entry(connector: Connector) -> Entry:
    [entry] = timeline(connector).entries
    return entry


def test_the_three_kinds_are_one_list_newest_first(connector: Connector, asked: Callable[..., Operation]) -> None:
    ran(connector)
    asked()
    changed(connector, "label", "A", "B")
    ran(connector, minutes=180)
    assert [entry.kind for entry in timeline(connector).entries] == ["sync", "outside", "operation", "sync"]


@pytest.mark.parametrize(
    ("kind", "outcome", "title"),
    [
        (OperationKind.CREATE, Outcome.SUCCEEDED, "Created"),
        (OperationKind.DELETE, Outcome.SUCCEEDED, "Asked to delete for good"),
        (OperationKind.SYNC, Outcome.FAILED, "Sync now: failed"),
        (OperationKind.UPDATE, Outcome.UNKNOWN, "Save changes: checking"),
        (OperationKind.ARCHIVE, Outcome.PENDING, "Archive: in progress"),
    ],
)
def test_an_operation_says_what_and_how_it_ended(
    connector: Connector, asked: Callable[..., Operation], kind: OperationKind, outcome: Outcome, title: str
) -> None:
    asked(kind, outcome=outcome)
    assert only_entry(connector).title == title


def test_an_operation_says_who_and_with_whose_key(
    connector: Connector, asked: Callable[..., Operation], adam: Member, alice: Member
) -> None:
    asked(actor=adam, message="Bigdata.com refused it.")
    entry = only_entry(connector)
    assert (entry.who, entry.text) == (
        "adam@example.com, with the key of alice@example.com",
        "Bigdata.com refused it.",
    )


def test_ones_own_key_needs_no_mention(connector: Connector, asked: Callable[..., Operation]) -> None:
    asked(request={"date_limit": "2026-01-31"})
    assert (only_entry(connector).who, only_entry(connector).text) == (
        "alice@example.com",
        "Content since 2026-01-31",
    )


@pytest.mark.parametrize(
    ("fields", "title", "text"),
    [
        ({"count": 3200}, "Sync succeeded", "3,200 items"),
        ({"count": 1}, "Sync succeeded", "1 item"),
        ({"status": "PARTIAL"}, "Sync: PARTIAL", ""),
        ({"status": "FAILED", "error": "Boom"}, "Sync failed", ""),
        ({"status": "", "error": "Boom"}, "Sync failed", ""),
        ({"status": "SUCCESS", "error": "old"}, "Sync succeeded", ""),
    ],
)
def test_a_sync_says_how_it_went(connector: Connector, fields: dict[str, Any], title: str, text: str) -> None:
    ran(connector, **fields)
    assert (only_entry(connector).title, only_entry(connector).text) == (title, text)


@pytest.mark.parametrize(
    ("field", "before", "after", "title", "text"),
    [
        ("label", "A", "B", "Label changed", "“A” → “B”"),
        ("description", "", "x" * 300, "Description changed", f"“” → “{'x' * 200}…”"),
        ("share_with_org", False, True, "Sharing changed", "Private to owner → Shared with organization"),
        ("archived", False, True, "Archived", ""),
        ("archived", True, False, "Taken out of the archive", ""),
        ("allowed_emails", ["a@x"], ["A@x", "b@x"], "Allowed senders changed", "Added b@x"),
        ("allowed_emails", ["a@x", "b@x"], ["c@x"], "Allowed senders changed", "Added c@x. Removed a@x, b@x"),
        (
            "allowed_emails",
            ["a@x", "b@x"],
            ["b@x", "a@x"],
            "Allowed senders changed",
            "Only their order or spelling",
        ),
    ],
)
def test_a_change_elsewhere_is_told_in_words(
    connector: Connector, field: str, before: Any, after: Any, title: str, text: str
) -> None:
    changed(connector, field, before, after)
    entry = only_entry(connector)
    assert (entry.title, entry.text) == (f"{title} outside the dashboard", text)


def test_of_many_senders_five_are_named(connector: Connector) -> None:
    changed(connector, "allowed_emails", [], [f"a{number}@x" for number in range(9)])
    assert only_entry(connector).text == "Added a0@x, a1@x, a2@x, a3@x, a4@x and 4 more"


def test_pages_hold_every_entry_once_even_those_of_one_moment(
    connector: Connector, asked: Callable[..., Operation]
) -> None:
    asked(created_at=NOON + timedelta(minutes=67))
    for number in range(116):
        ran(connector, minutes=number)
    for field in ("label", "description", "share_with_org", "archived"):
        OutsideChange.objects.create(
            connector=connector, field=field, before="", after="x", seen_at=NOON + timedelta(minutes=67)
        )
    pages, older_than = [], None
    while not pages or older_than is not None:
        page = timeline(connector, older_than=older_than)
        pages.append(page.entries)
        older_than = page.older_than
    assert [len(entries) for entries in pages] == [54, 50, 17]
    assert len({(e.at, e.title) for entries in pages for e in entries}) == 121


def test_an_exact_page_has_none_after_it(connector: Connector) -> None:
    for number in range(50):
        ran(connector, minutes=number)
    assert timeline(connector).older_than is None


def test_the_page_leads_to_older_entries_and_back(desk: Client, connector: Connector) -> None:
    for number in range(51):
        ran(connector, minutes=number, status="FAILED", error=f"Error {number}.\nSecond line <{number}>")
    page = desk.get(f"/connectors/{connector.connector_id}/history/")
    assert "Second line <50>" in text_of(page)
    assert " Timeline " in text_of(page)
    assert "Error 0." not in text_of(page).partition(" Timeline ")[2]
    before = (NOON + timedelta(minutes=1)).isoformat().replace("+", "%2B").replace(":", "%3A")
    assert f"?before={before}" in page.content.decode()
    older = desk.get(f"/connectors/{connector.connector_id}/history/?before={before}")
    assert "Error 0." in text_of(older)
    assert "Newest" in text_of(older)


@pytest.mark.parametrize("before", ["x", "2026-01-01", "2026-99-01T00:00:00Z", "2026-01-01T00:00:00"])
def test_a_moment_that_makes_no_sense_is_as_if_not_given(desk: Client, connector: Connector, before: str) -> None:
    ran(connector)
    page = desk.get(f"/connectors/{connector.connector_id}/history/", {"before": before})
    assert "Sync succeeded" in text_of(page)


def test_another_connectors_history_is_not_in_it(connector: Connector, sandbox: SandboxServer) -> None:
    sandbox.plant(label="Other", type="sharepoint", config={})
    poll(ApiKey.objects.get().pk)
    ran(Connector.objects.get(label="Other"))
    assert timeline(connector).entries == []


def test_the_page_asks_the_database_a_fixed_number_of_times(
    desk: Client,
    connector: Connector,
    asked: Callable[..., Operation],
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(60):
        ran(connector, minutes=number)
        asked()
        changed(connector, "label", "A", "B")
    with django_assert_max_num_queries(9):
        desk.get(f"/connectors/{connector.connector_id}/history/")


def test_the_connectors_page_gets_the_latest_five(desk: Client, connector: Connector) -> None:
    for number in range(7):
        ran(connector, minutes=number, count=number + 100)
    url = f"/connectors/{connector.connector_id}/history/"
    assert f'hx-get="{url}"' in desk.get(f"/connectors/{connector.connector_id}/").content.decode()
    card = text_of(desk.get(url, headers=HTMX))
    assert ("102 items" in card, "101 items" in card) == (True, False)


def test_in_the_latest_the_same_error_shows_once_in_a_row(desk: Client, connector: Connector) -> None:
    for number, error in enumerate(("Old error", "Session ended", "", "Session ended", "Session ended")):
        ran(connector, minutes=number, status="FAILED" if error else "SUCCESS", error=error)
    url = f"/connectors/{connector.connector_id}/history/"
    card = text_of(desk.get(url, headers=HTMX))
    assert (card.count("Sync failed"), card.count("Session ended"), card.count("Old error")) == (4, 2, 1)
    assert "1 Mar 12:04" in card


def test_the_latest_are_never_more_than_five(desk: Client, connector: Connector) -> None:
    for number in range(8):
        changed(connector, f"field {number}", "A", "B")
    card = desk.get(f"/connectors/{connector.connector_id}/history/", headers=HTMX)
    assert card.content.decode().count('class="event"') == 5


def test_what_was_changed_elsewhere_gets_there(desk: Client, connector: Connector, sandbox: SandboxServer) -> None:
    sandbox.sync_result(str(connector.connector_id), now=True, status="FAILED", error="Session ended")
    assert poll(ApiKey.objects.get().pk)
    assert "Sync failed" in text_of(desk.get(f"/connectors/{connector.connector_id}/history/"))
