"""Who gets in, and who sees what."""

import pytest

from .conftest import CONNECTORS, Api


@pytest.mark.parametrize("headers", [{}, {"X-API-KEY": ""}, {"X-API-KEY": "sandbox-nobody"}])
def test_without_a_known_key_there_is_no_answer(alice: Api, headers: dict[str, str]) -> None:
    alice.headers = headers
    answer = alice("GET", CONNECTORS)
    assert answer.status_code == 401
    assert answer.headers["X-Sandbox"] == "true"


def test_a_wrong_path_answers_like_a_gateway(alice: Api) -> None:
    for path in ("/content/v1/connectors", "/contents/v1/connectors/", "/"):
        answer = alice("GET", path)
        assert (answer.status_code, answer.json()) == (403, {"message": "Missing Authentication Token"})


def test_a_wrong_method_is_told_the_right_ones(alice: Api) -> None:
    answer = alice("PATCH", CONNECTORS)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, POST")
    assert alice("PURGE", CONNECTORS, headers={}).headers["X-Sandbox"] == "true"


def test_others_see_a_connector_only_when_it_is_shared_in_their_organisation(alice: Api) -> None:
    private = alice.create()["connector_id"]
    shared = alice.create(share_with_org=True)["connector_id"]
    seen = {
        name: [c["connector_id"] for c in Api(alice.server, f"sandbox-{name}").connectors()]
        for name in ("alice", "bob", "mallory")
    }
    assert seen == {"alice": [private, shared], "bob": [shared], "mallory": []}
    assert Api(alice.server, "sandbox-mallory")("GET", f"{CONNECTORS}/{shared}").status_code == 404


def test_only_the_owner_may_change_a_shared_connector(alice: Api) -> None:
    path = f"{CONNECTORS}/{alice.create('sharepoint', share_with_org=True)['connector_id']}"
    bob = Api(alice.server, "sandbox-bob")
    assert bob("GET", path).status_code == 200
    assert bob("PUT", path, json={"label": "Mine"}).status_code == 404
    assert bob("DELETE", path).status_code == 404
    assert bob("POST", path + "/sync", json={}).status_code == 404


def test_a_query_cannot_pretend_to_be_somebody_else(alice: Api) -> None:
    alice.server.plant_documents(alice.create()["connector_id"])
    mallory = Api(alice.server, "sandbox-mallory")
    answer = mallory("GET", "/contents/v1/documents", params={"user_id": "user_alice"})
    assert answer.status_code == 400


def test_an_added_key_works_at_once(alice: Api) -> None:
    keys = [{"api_key": f"desk-{n}", "user_id": f"user_{n}", "org_id": "org_3"} for n in range(2000)]
    assert alice("POST", "/__sandbox__/keys", json={"keys": keys}).json() == {"added": 2000}
    assert Api(alice.server, "desk-1999").create()["user_id"] == "user_1999"
