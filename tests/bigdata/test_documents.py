"""Documents: read, filtered, and paged through to the end."""

from datetime import datetime, timedelta, timezone

import pytest
from responses.matchers import query_param_matcher

from connectors_app.bigdata import DocumentData, UnexpectedAnswer

from .conftest import DOCUMENTS, ID


def test_every_field_of_the_contract_is_read(document_json):
    document = DocumentData.from_json(document_json | {"colour": "red", "user_password": "x"})
    assert document.connector_id == ID
    assert document.tags == ("from:a@example.com", "plain")
    assert document.shared_with_orgs == ("org_id_001",)
    assert document.file_metadata == {"author": "A"}
    assert document.published_at is document.error_code is document.delete_started_ts is None
    assert document.extra == {"colour": "red"}


@pytest.mark.parametrize(
    ("name", "value"),
    [("tags", "a"), ("connector_id", "x"), ("raw_size", "1"), ("id", None), ("file_metadata", [])],
)
def test_a_wrong_value_is_refused(document_json, name, value):
    with pytest.raises(UnexpectedAnswer, match=name):
        DocumentData.from_json(document_json | {name: value})


def test_null_lists_are_empty(document_json):
    document = DocumentData.from_json(
        document_json | {"tags": None, "shared_with_orgs": None, "file_metadata": None}
    )
    assert (document.tags, document.shared_with_orgs, document.file_metadata) == ((), (), {})


def test_filters_are_sent_under_upstreams_names(upstream, client):
    query = {
        "connector": str(ID),
        "origin": "email",
        "from_date": "2026-01-01T00:00:00Z",
        "ownership": "owned",
    }
    query |= {
        "owner": "u1",
        "file_name": "a&b",
        "sort_by": "status",
        "sort_order": "asc",
        "tags": ["x:1", "y"],
    }
    upstream.get(
        DOCUMENTS, json={"results": []}, match=[query_param_matcher(query | {"page": "3", "page_size": "7"})]
    )
    found = client.documents_page(
        ID,
        origin="email",
        from_date=datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=1))),
        ownership="owned",
        owner="u1",
        file_name="a&b",
        tags=["x:1", "y"],
        sort_by="status",
        sort_order="asc",
        page=3,
        page_size=7,
    )
    assert found == []


def test_filters_that_are_left_out_are_not_sent(upstream, client):
    upstream.get(DOCUMENTS, json={"results": []}, match=[query_param_matcher({"page": "1", "page_size": "100"})])
    assert client.documents_page(tags=None, owner=None) == []


@pytest.mark.parametrize(
    "wrong",
    [{"page": 0}, {"page_size": 0}, {"page_size": 101}, {"from_date": datetime(2026, 1, 1)}],  # noqa: DTZ001 - that is the mistake
)
def test_what_upstream_would_refuse_is_not_asked(upstream, client, wrong):
    with pytest.raises(ValueError, match=r"page|zone"):
        client.documents_page(**wrong)
    assert len(upstream.calls) == 0


def page_of(document_json, *ids):
    return {"results": [document_json | {"id": name} for name in ids]}


def test_a_short_page_is_the_last(upstream, client, document_json):
    upstream.get(DOCUMENTS, json=page_of(document_json, "1", "2"))
    upstream.get(DOCUMENTS, json=page_of(document_json, "3", "4"))
    upstream.get(DOCUMENTS, json=page_of(document_json, "5"))
    assert [d.id for d in client.iter_documents(ID, page_size=2, ownership="all")] == [
        "1",
        "2",
        "3",
        "4",
        "5",
    ]
    assert [call.request.params["page"] for call in upstream.calls] == ["1", "2", "3"]


def test_an_empty_page_after_full_ones_is_the_end(upstream, client, document_json):
    upstream.get(DOCUMENTS, json=page_of(document_json, "1"))
    upstream.get(DOCUMENTS, json=page_of(document_json))
    assert [d.id for d in client.iter_documents(page_size=1)] == ["1"]


def test_a_page_is_asked_for_only_when_needed(upstream, client, document_json):
    upstream.get(DOCUMENTS, json=page_of(document_json, "1"))
    next(client.iter_documents(page_size=1))
    assert len(upstream.calls) == 1


def test_upstream_ignoring_the_page_number_does_not_go_on_for_ever(upstream, client, document_json):
    upstream.get(DOCUMENTS, json=page_of(document_json, "1", "2"))
    with pytest.raises(UnexpectedAnswer, match="same as the one before"):
        list(client.iter_documents(page_size=2))
