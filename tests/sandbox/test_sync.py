"""Asked-for and scripted syncs in a quiet sandbox."""

from typing import Any

import pytest

from .conftest import CONFIGS, Api


def test_a_sync_finishes_when_the_clock_has_been_advanced(alice: Api) -> None:
    connector_id = alice.create("investment_research")["connector_id"]
    answer = alice.sync(connector_id, {"date_limit": "2026-01-01"}).json()
    assert answer == {"connector_id": connector_id, "status": "accepted", "date_limit": "2026-01-01"}
    assert alice.get(connector_id)["last_sync_at"] is None
    alice.server.advance(4)
    after = alice.get(connector_id)
    assert (after["last_sync_status"], after["last_sync_error_msg"]) == ("SUCCESS", None)
    assert after["files_count"] == after["last_sync_count"] == len(alice.documents()) > 0


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("email", {}),
        ("investment_research", {}),
        ("investment_research", {"date_limit": "2026-02-30"}),
        ("investment_research", {"date_limit": "20260101"}),
        ("sharepoint", {"date_limit": "2026-01-01"}),
        ("sharepoint", []),
    ],
)
def test_a_sync_that_does_not_suit_the_type_is_refused(alice: Api, kind: str, body: Any) -> None:
    connector_id = alice.create(kind)["connector_id"]
    assert alice.sync(connector_id, body).status_code == 400


@pytest.mark.parametrize(
    ("kind", "secret", "body", "text"),
    [
        ("investment_research", {"user_password": "wrong"}, {"date_limit": "2026-01-01"}, "password"),
        ("sharepoint", {"session_id": "expired"}, {}, "session ended"),
    ],
)
def test_a_secret_that_does_not_work_fails_every_sync(
    alice: Api, kind: str, secret: dict[str, str], body: dict[str, str], text: str
) -> None:
    connector_id = alice.create(kind, config=CONFIGS[kind] | secret)["connector_id"]
    errors = []
    for _ in range(2):
        alice.sync(connector_id, body)
        alice.server.advance(4)
        after = alice.get(connector_id)
        assert after["last_sync_status"] == "FAILED"
        assert text in after["last_sync_error_msg"]
        errors.append(after["last_sync_error_msg"])
    assert errors[0] == errors[1]


def test_planted_trouble_stays_until_the_connector_is_replaced(alice: Api) -> None:
    [planted] = alice.server.plant(type="sharepoint", last_sync_status="FAILED", trouble="The session ended")
    replaced = alice.create("sharepoint")["connector_id"]
    for _ in range(2):
        for connector_id in (planted, replaced):
            alice.sync(connector_id, {})
        alice.server.advance(4)
        assert alice.get(planted)["last_sync_error_msg"] == "The session ended"
        assert alice.get(replaced)["last_sync_status"] == "SUCCESS"


def test_a_scripted_result_comes_before_trouble(alice: Api) -> None:
    [planted] = alice.server.plant(type="sharepoint", trouble="The session ended")
    alice.server.sync_result(planted, status="SUCCESS")
    seen = []
    for _ in range(2):
        alice.sync(planted, {})
        alice.server.advance(4)
        seen.append(alice.get(planted)["last_sync_error_msg"])
    assert seen == [None, "The session ended"]


def test_a_scripted_result_is_used_once(alice: Api) -> None:
    connector_id = alice.create("sharepoint")["connector_id"]
    path = f"/__sandbox__/connectors/{connector_id}/sync-result"
    alice("POST", path, json={"status": "HALF", "error": "disk full", "count": 3})
    seen = []
    for _ in range(2):
        alice.sync(connector_id, {})
        alice.server.advance(4)
        seen.append(alice.get(connector_id)["last_sync_status"])
    assert seen == ["HALF", "SUCCESS"]


def test_a_result_can_be_set_at_once(alice: Api) -> None:
    connector_id = alice.create("sharepoint")["connector_id"]
    alice.server.sync_result(connector_id, status="FAILED", error="no route", count=0, now=True)
    after = alice.get(connector_id)
    assert (after["last_sync_status"], after["last_sync_error_msg"]) == ("FAILED", "no route")
    assert after["last_sync_at"] is not None
