"""Listing documents: pages, filters, orders, refusals."""

from typing import Any

import pytest

from .conftest import Api


@pytest.fixture
def desk(alice: Api) -> Api:
    """Alice with one connector of 25 documents, and a document that Bob shares."""
    mine = alice.create()["connector_id"]
    for n in range(25):
        alice.server.plant_documents(
            mine,
            file_name=f"Note {n:02}.eml",
            raw_size=1000 - n,
            tags=[f"from:{n % 2}@desk.example"],
            created_at=f"2026-01-{n + 1:02}T00:00:00.000000Z",
        )
    theirs = alice.server.plant("user_bob", type="sharepoint", share_with_org=True)[0]
    alice.server.plant_documents(theirs, file_name="ÉTUDE.pdf", created_at="2025-01-01T00:00:00.000000Z")
    return alice


def test_pages_hold_everything_once_and_the_last_is_short(desk: Api) -> None:
    pages = [desk.documents(page=n, page_size=10) for n in (1, 2, 3, 4)]
    assert [len(page) for page in pages] == [10, 10, 6, 0]
    assert len({document["id"] for page in pages for document in page}) == 26
    assert desk.documents(page=10**30) == []


def test_documents_that_differ_are_planted_at_once(alice: Api) -> None:
    mine = alice.create()["connector_id"]
    each = [{"file_name": f"{name}.pdf"} for name in "ab"]
    alice("POST", f"/__sandbox__/connectors/{mine}/documents", json={"documents": each, "raw_size": 7})
    found = alice.documents(sort_by="file_name", sort_order="asc")
    assert [(document["file_name"], document["raw_size"]) for document in found] == [("a.pdf", 7), ("b.pdf", 7)]
    assert alice.get(mine)["files_count"] == 2


@pytest.mark.parametrize(
    ("params", "count"),
    [
        ({}, 26),
        ({"ownership": "owned"}, 25),
        ({"ownership": "shared"}, 1),
        ({"owner": "user_bob"}, 1),
        ({"origin": "email"}, 25),
        ({"origin": "file_upload"}, 0),
        ({"file_name": "étude"}, 1),
        ({"file_name": "NOTE 1"}, 10),
        ({"tags": ["from:0@desk.example"]}, 13),
        ({"tags": ["from:0@desk.example", "from:1@desk.example"]}, 25),
        ({"from_date": "2026-01-24T00:00:00Z"}, 2),
        ({"from_date": "2026-01-24T01:00:00+01:00"}, 2),
        ({"connector": "019a9612-bfad-758c-884e-37dd8c6ad2cb"}, 0),
    ],
)
def test_a_filter_keeps_what_matches(desk: Api, params: dict[str, Any], count: int) -> None:
    assert len(desk.documents(page_size=100, **params)) == count


@pytest.mark.parametrize(
    ("params", "first"),
    [
        ({}, "Note 24.eml"),
        ({"sort_order": "asc"}, "ÉTUDE.pdf"),
        ({"sort_by": "raw_size", "sort_order": "asc"}, "Note 24.eml"),
        ({"sort_by": "file_name", "sort_order": "asc"}, "Note 00.eml"),
    ],
)
def test_documents_come_in_the_order_asked_for(desk: Api, params: dict[str, str], first: str) -> None:
    assert desk.documents(**params)[0]["file_name"] == first


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("page", "0"),
        ("page", "1.5"),
        ("page_size", "101"),
        ("page_size", ""),
        ("sort_by", "owner"),
        ("sort_order", "up"),
        ("ownership", "mine"),
        ("origin", "sharepoint"),
        ("connector", "x"),
        ("from_date", "2026-01-01"),
        ("from_date", "2026-02-30T00:00:00Z"),
        ("from_date", "2026-01-01T00:00:00"),
        ("file_name", "\x00"),
        ("pagesize", "3"),
    ],
)
def test_a_bad_parameter_is_named(alice: Api, name: str, value: str) -> None:
    answer = alice("GET", "/contents/v1/documents", params={name: value})
    assert answer.status_code == 400
    assert answer.json()["detail"][0]["loc"] == ["query", name]
