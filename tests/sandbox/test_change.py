"""Replacing, archiving and deleting connectors."""

import pytest

from .conftest import CONFIGS, CONNECTORS, Api


def test_put_clears_what_is_left_out(alice: Api) -> None:
    before = alice.create("email", description="Notes", share_with_org=True)
    after = alice("PUT", f"{CONNECTORS}/{before['connector_id']}", json={"label": "New"}).json()
    assert (after["label"], after["description"], after["share_with_org"]) == ("New", "", False)
    assert after["config"] == before["config"] | {"allowed_emails": []}
    assert after["updated_at"] > before["updated_at"]
    assert alice.get(before["connector_id"]) == after


@pytest.mark.parametrize("kind", ["investment_research", "sharepoint"])
def test_config_cannot_be_put_but_for_email(alice: Api, kind: str) -> None:
    created = alice.create(kind)
    body = {"label": "New", "config": CONFIGS["email"]}
    answer = alice("PUT", f"{CONNECTORS}/{created['connector_id']}", json=body)
    assert answer.json()["detail"][0]["loc"] == ["body", "config"]
    assert alice.get(created["connector_id"]) == created


def test_archiving_twice_is_no_error_and_keeps_the_documents(alice: Api) -> None:
    connector_id = alice.create()["connector_id"]
    alice.server.plant_documents(connector_id, count=2)
    first = alice("DELETE", f"{CONNECTORS}/{connector_id}").json()
    assert first["archived"] is True
    assert alice("DELETE", f"{CONNECTORS}/{connector_id}").json() == first
    assert len(alice.documents(connector=connector_id)) == 2


def test_an_archived_connector_takes_in_nothing_more(alice: Api) -> None:
    connector_id = alice.create("sharepoint")["connector_id"]
    assert alice.sync(connector_id, {}).status_code == 200
    alice("DELETE", f"{CONNECTORS}/{connector_id}")
    assert alice.sync(connector_id, {}).status_code == 400
    alice.server.advance(60)
    assert alice.get(connector_id)["last_sync_at"] is None


def test_a_hard_deletion_ends_later_and_takes_the_documents_along(alice: Api) -> None:
    connector_id = alice.create()["connector_id"]
    alice.server.plant_documents(connector_id)
    path = f"{CONNECTORS}/{connector_id}"
    assert alice("DELETE", path, params={"force_delete": "true"}).json()["archived"] is False
    assert alice.documents()[0]["delete_started_ts"]
    assert alice("GET", path).status_code == 200
    alice.server.advance(6)
    assert alice("GET", path).status_code == 404
    assert alice.documents() == []
    alice.server.plant(connector_id=connector_id)
    assert alice.documents() == []


@pytest.mark.parametrize(
    "query", ["force_delete=yes", "force_delete=", "force=true", "force_delete=true&force_delete=true"]
)
def test_a_doubtful_delete_does_nothing(alice: Api, query: str) -> None:
    connector_id = alice.create()["connector_id"]
    assert alice("DELETE", f"{CONNECTORS}/{connector_id}?{query}").status_code == 400
    assert alice.get(connector_id)["archived"] is False


def test_an_id_that_is_no_uuid_is_a_bad_request(alice: Api) -> None:
    assert alice("GET", f"{CONNECTORS}/not-a-uuid").status_code == 400
    assert alice("GET", f"{CONNECTORS}/019a9612-bfad-758c-884e-37dd8c6ad2cb").status_code == 404
