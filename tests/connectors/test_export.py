"""The CSV: the rows of the list, all of them, in its order, and inert in a spreadsheet."""

import csv
import re
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from connectors_app.models import Connector, Member, Organization

from .many import plant, plant_one


@pytest.fixture
def client(adam: Member, signed_in: Callable[[Member], Client]) -> Client:
    return signed_in(adam)


def exported(client: Client, query: str = "") -> list[dict[str, str]]:
    answer: Any = client.get(f"/connectors/export.csv{query}")
    text = answer.getvalue().decode("utf-8")
    assert text.startswith("\ufeff")
    return list(csv.DictReader(StringIO(text.removeprefix("\ufeff"), newline="")))


QUERIES = [
    *("", "?sort=label", "?state=failing&sort=-files", "?state=attention"),
    *("?q=desk&type=email&archived=all", "?archived=all&page=2&type=x"),
]


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.parametrize("name", ["alice", "adam"])
def test_the_rows_are_those_of_the_screen(
    request: Any, organization: Organization, signed_in: Callable[[Member], Client], query: str, name: str
) -> None:
    plant(organization, 90)
    client = signed_in(request.getfixturevalue(name))
    html = client.get(f"/connectors/{query.replace('&page=2', '')}{'&' if query else '?'}per_page=100").text
    shown = re.findall(r'(?s)data-connector-id="([^"]+)".*?<a href="/connectors/[^"]+">([^<]*)</a>', html)
    assert [(row["connector_id"], row["label"]) for row in exported(client, query)] == shown
    assert shown


def test_a_row_holds_what_is_known(client: Client, organization: Organization, bob: Member) -> None:
    Member.objects.filter(pk=bob.pk).update(bigdata_user_id="user_bob")
    one = plant_one(
        organization,
        label="Desk, “A”",
        type="email",
        state="failing",
        state_since="2026-03-01T10:00:00+02:00",
        bigdata_user_id="user_bob",
        description="two\r\nlines",
        config={"allowed_emails": ["a@b.example"], "email": "a1@bigdata.com"},
        files_count=1234,
        last_sync_at="2026-03-02T00:00:00.75Z",
        last_sync_status="FAILED",
        last_sync_error_msg="Refused",
        created_at="2026-01-01T00:00:00Z",
        updated_at="2026-01-02T00:00:00Z",
    )
    [row] = exported(client)
    assert row == {
        "connector_id": str(one.connector_id),
        "label": "Desk, “A”",
        "type": "Email inbox",
        "state": "Failing",
        "state since": "2026-03-01T08:00:00Z",
        "owner": "bob@example.com",
        "sharing": "Shared with organization",
        "archived": "no",
        "files": "1234",
        "last sync at": "2026-03-02T00:00:00Z",
        "last sync status": "FAILED",
        "last sync error": "Refused",
        "created": "2026-01-01T00:00:00Z",
        "changed": "2026-01-02T00:00:00Z",
        "description": "two\r\nlines",
        "inbox address": "a1@bigdata.com",
    }


def test_what_is_not_known_is_empty(client: Client, organization: Organization) -> None:
    plant_one(organization, files_count=None, last_sync_at=None, last_sync_status="", bigdata_user_id="user_x")
    [row] = exported(client)
    assert (row["files"], row["last sync at"], row["last sync error"], row["owner"]) == ("", "", "", "user_x")


FORMULAS = ["=cmd()", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", '=HYPERLINK("http://x","y")']


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_is_only_text(client: Client, organization: Organization, formula: str) -> None:
    plant_one(
        organization,
        label=formula,
        description=formula,
        bigdata_user_id=formula,
        last_sync_error_msg=formula,
        type=formula,
        config={"email": formula},
    )
    [row] = exported(client)
    for column in ("label", "type", "owner", "description", "last sync error", "inbox address"):
        assert row[column] == f"'{formula}"
    assert None not in row


def test_it_is_a_file_with_the_date(client: Client, organization: Organization) -> None:
    answer = client.get("/connectors/export.csv")
    name = f"connectors-{timezone.localdate():%Y-%m-%d}.csv"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "no-store" in answer.headers["Cache-Control"]


def test_it_is_sent_in_pieces_while_it_is_read(client: Client, organization: Organization) -> None:
    plant(organization, 1200)
    answer: Any = client.get("/connectors/export.csv?archived=all")
    assert answer.streaming
    pieces = list(answer.streaming_content)
    assert [piece.count(b"\r\n") for piece in pieces] == [1, 500, 500, 200]
    assert Connector.objects.count() == 1200


def test_the_page_links_to_the_csv_of_what_it_shows(client: Client, organization: Organization) -> None:
    plant(organization, 60)
    html = client.get("/connectors/?state=failing&bogus=1&page=1&per_page=25").text
    assert 'href="/connectors/export.csv?state=failing"' in html
