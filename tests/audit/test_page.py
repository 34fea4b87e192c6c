"""The page: what it shows to whom, and how it is narrowed down."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from connectors_app.choices import AuditAction, AuditResult, OperationKind
from connectors_app.models import AuditEntry, Member
from connectors_app.services import audit
from tests.connectors.stage import text_of

Add = Callable[..., AuditEntry]


def rows(client: Client, query: str = "") -> list[str]:
    """Each row of the page as a person reads it."""
    html = re.findall(r"(?s)<tr data-action.*?</tr>", client.get(f"/audit/{query}").text)
    return [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in html]


def actions(client: Client, query: str = "") -> list[str]:
    return re.findall(r'<tr data-action="([^"]+)"', client.get(f"/audit/{query}").text)


def test_a_row_says_who_what_on_what_from_where_and_how_it_ended(
    admin: Client, add: Add, adam: Member, alice: Member, make_connector: Any
) -> None:
    connector = make_connector(alice, label="Desk mail")
    with audit.coming_from("203.0.113.9"):
        add(adam, AuditAction.CONNECTOR_CHANGED, key_owner=alice, target=connector, result=AuditResult.FAILED)
    [row] = rows(admin)
    assert row == (
        "Connector changed Desk mail adam@example.com, with the key of alice@example.com Failed"
        " 203.0.113.9 just now"
    )


def test_details_are_in_words(admin: Client, add: Add, adam: Member) -> None:
    until = {"until": "2026-12-05T21:47:35.125890+00:00", "reason": "Moving"}
    add(adam, AuditAction.INCIDENT_SNOOZED, details=until)
    add(
        adam,
        AuditAction.AUDIT_EXPORTED,
        # As PostgreSQL keeps them, too: shorter names first.
        details={"filters": {"from": "2026-01-31", "action": "connectors.update"}},
    )
    add(adam, AuditAction.BULK_ASKED, details={"action": "sync", "date_limit": "2026-13-31"})
    changes = {"email": [14, 0], "sharepoint": [0, 1], "alert_after_failures": [2, 3]}
    add(adam, AuditAction.LIMITS_CHANGED, details={"changes": changes})
    text = text_of(admin.get("/audit/"))
    for part in (
        "Until 5 Dec 2026, 21:47 UTC Reason Moving",
        "Filters from: 31 Jan 2026, action: Connector changed",
        "Action Sync",
        "Date limit 2026-13-31",
        "Email inbox 14 days → never stale",
        "SharePoint never stale → 1 day",
        "Failed syncs in a row 2 → 3",
    ):
        assert part in text


def test_a_time_that_ends_before_it_begins_is_said_at_its_field(admin: Client) -> None:
    page = admin.get("/audit/?from=2026-02-02&to=2026-02-01").text
    assert "“To” is before “From”." in page
    assert 'aria-describedby="to-error"' in page
    assert "to-error" not in admin.get("/audit/?from=2026-02-02&to=2026-02-02").text


def test_a_page_has_its_name(admin: Client, add: Add, alice: Member) -> None:
    for path in ("/members/", "/elsewhere/"):
        add(alice, AuditAction.REFUSED_BY_ROLE, target_type="page", target_name=path)
    assert ["Members" in row or "/elsewhere/" in row for row in rows(admin)] == [True, True]
    assert "/members/ alice" not in " ".join(rows(admin))


def test_what_changed_reads_before_and_after(admin: Client, add: Add, adam: Member) -> None:
    changes = {
        "label": ["Old <b>", "New"],
        "share_with_org": [False, True],
        "allowed_emails": [["a@b.c", "x@y.z"], ["a@b.c", "n@m.o"]],
        "role": ["analyst", None],
    }
    add(adam, AuditAction.CONNECTOR_CHANGED, details={"changes": changes, "operation": "4711", "message": "Why"})
    text = text_of(admin.get("/audit/"))
    for part in (
        "Label changed “Old <b>” → “New”",
        "Sharing changed Private to owner → Shared with organization",
        "Allowed senders changed Added n@m.o. Removed x@y.z",
        "Role changed “analyst” → nothing",
        "Message Why",
    ):
        assert part in text
    assert "4711" not in text


def test_the_connector_is_a_link_while_it_exists(
    admin: Client, add: Add, adam: Member, make_connector: Any
) -> None:
    connector = make_connector(adam, label="Desk")
    add(adam, AuditAction.CONNECTOR_ARCHIVED, target=connector)
    link = f'href="/connectors/{connector.connector_id}/"'
    assert link in admin.get("/audit/").text
    connector.delete()
    page = admin.get("/audit/")
    assert link not in page.text
    assert "Desk" in text_of(page)


def test_a_connector_that_one_may_no_longer_see_is_no_link(
    add: Add, alice: Member, bob: Member, make_connector: Any, signed_in: Callable[[Member], Client]
) -> None:
    hidden = make_connector(bob)
    add(alice, AuditAction.SYNC_ASKED, target=hidden)
    assert f"/connectors/{hidden.connector_id}/" not in signed_in(alice).get("/audit/").text


def test_who_is_no_member_is_named_too(admin: Client, adam: Member) -> None:
    organization = adam.organization
    audit.record(AuditAction.KEY_REJECTED, organization=organization, actor_name="Bigdata.com")
    audit.record(AuditAction.AUDIT_PRUNED, organization=organization)
    with audit.coming_from("203.0.113.9"):
        audit.record(AuditAction.PASSWORD_RESET_ASKED, organization=organization)
    found = rows(admin)
    assert "Somebody not signed in" in found[0]
    assert "The server&#x27;s operator" in found[1]
    assert "Bigdata.com" in found[2]


@pytest.fixture
def everybody_s(add: Add, alice: Member, adam: Member, sam: Member, mallory: Member) -> None:
    for member in (alice, adam, sam, mallory):
        add(member, AuditAction.SIGNED_IN, target_name=f"by {member.email}")


@pytest.mark.parametrize("name", ["adam", "sam"])
def test_admins_and_support_see_all_of_their_organization(
    request: pytest.FixtureRequest, everybody_s: None, signed_in: Callable[[Member], Client], name: str
) -> None:
    shown = " ".join(rows(signed_in(request.getfixturevalue(name))))
    assert [f"by {each}@" in shown for each in ("alice", "adam", "sam", "mallory")] == [True, True, True, False]


@pytest.mark.parametrize("query", ["", "?actor={adam}", "?key_owner={adam}", "?q=adam", "?q=by"])
def test_analysts_see_their_own_actions_and_nobody_else_s(
    everybody_s: None, alice: Member, adam: Member, signed_in: Callable[[Member], Client], query: str
) -> None:
    page = signed_in(alice).get(f"/audit/{query.format(adam=adam.pk)}")
    assert "adam@" not in page.text
    assert 'name="actor"' not in page.text
    assert 'name="key_owner"' not in page.text
    assert ("by alice@example.com" in page.text) == (query in ("", "?q=by"))


def test_nothing_yet_nothing_that_fits_and_nothing_older_are_different_pages(
    admin: Client, add: Add, adam: Member
) -> None:
    assert "No entries yet" in admin.get("/audit/").text
    entry = add(adam)
    assert "No entries match" in admin.get("/audit/?q=nothing").text
    before = f"{entry.at.isoformat()}_{entry.pk}".replace("+", "%2B")
    assert "Nothing older" in admin.get(f"/audit/?before={before}").text


def test_the_page_asks_at_most_six_times_however_much_there_is(
    admin: Client,
    add: Add,
    adam: Member,
    make_connector: Any,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(60):
        add(adam, AuditAction.SYNC_ASKED, target=make_connector(adam, label=f"Desk {number}"))
    with django_assert_max_num_queries(6):
        assert len(rows(admin, "?group=connectors")) == 50


def test_every_recorded_action_has_its_words(admin: Client, add: Add, adam: Member) -> None:
    for action in AuditAction:
        add(adam, action)
    text = text_of(admin.get("/audit/"))
    assert [action for action in AuditAction if action.label not in text] == []
    assert {f"connectors.{kind}" for kind in OperationKind} <= set(AuditAction.values)


def test_the_history_leads_to_the_connector_s_trail(
    admin: Client, add: Add, adam: Member, make_connector: Any
) -> None:
    connector = make_connector(adam)
    add(adam, AuditAction.SYNC_ASKED, target=connector)
    add(adam)
    found = re.search(r'href="(/audit/[^"]+)"', admin.get(f"/connectors/{connector.connector_id}/history/").text)
    assert found
    assert len(rows(admin, found[1].removeprefix("/audit/"))) == 1


def test_a_script_in_a_name_is_inert(admin: Client, add: Add, adam: Member) -> None:
    bad = "<script>alert(1)</script>"
    add(
        adam,
        target_name=bad,
        target_type=bad[:30],
        target_id=bad,
        details={bad: bad, "changes": {bad: [bad, bad]}},
    )
    assert "<script>alert" not in admin.get(f"/audit/?q={bad}").text


def test_what_the_trail_is_narrowed_to_is_named_and_can_be_taken_off(
    admin: Client, add: Add, alice: Member, make_connector: Any
) -> None:
    connector = make_connector(alice, label="Desk mail")
    add(alice, AuditAction.SYNC_ASKED, target=connector)
    assert "Everybody's actions" in text_of(admin.get("/audit/")).replace("&#x27;", "'")
    page = admin.get(f"/audit/?target={connector.connector_id}&result=succeeded")
    assert "Everybody" not in page.text
    assert "Only: Desk mail Show all entries" in text_of(page)
    assert '<a href="?result=succeeded">Show all entries</a>' in page.text


def test_what_no_request_made_has_no_address(admin: Client, add: Add, adam: Member) -> None:
    add(adam, AuditAction.BULK_ASKED)
    [row] = rows(admin)
    assert " — " in row
