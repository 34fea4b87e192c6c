"""Creating connectors in the sandbox."""

import json
from pathlib import Path
from typing import Any

import pytest

from connectors_app.sandbox import SandboxServer

from .conftest import CONFIGS, CONNECTORS, Api


def test_an_email_connector_comes_with_its_inbox_address(alice: Api) -> None:
    created = alice.create("email", description="Morning notes")
    config = created["config"]
    assert config["email"] == f"{config['email_hash']}@bigdata.com"
    assert config["allowed_emails"] == ["ada@desk.example"]
    assert alice.get(created["connector_id"]) == created
    assert "last_sync_at" not in created


@pytest.mark.parametrize(("kind", "shown"), [("investment_research", {"user_id": "desk-7"}), ("sharepoint", {})])
def test_a_secret_is_neither_shown_nor_kept(tmp_path: Path, kind: str, shown: dict[str, str]) -> None:
    with SandboxServer(tmp_path / "state.sqlite3") as server:
        created = Api(server).create(kind)
        log = json.dumps(server.requests)
        files = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    files += b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert created["config"] == shown
    assert "canary" not in log
    assert b"canary" not in files
    assert b"sandbox-alice" not in files


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"type": "ftp"}, ["body", "type"]),
        ({"type": ["email"]}, ["body", "type"]),
        ({"label": ""}, ["body", "label"]),
        ({"label": 7}, ["body", "label"]),
        ({"description": None}, ["body", "description"]),
        ({"share_with_org": "yes"}, ["body", "share_with_org"]),
        ({"config": None}, ["body", "config"]),
        ({"config": {"allowed_emails": []}}, ["body", "config", "allowed_emails"]),
        ({"config": {"allowed_emails": ["a@b.example", "nobody"]}}, ["body", "config", "allowed_emails"]),
        ({"type": "sharepoint", "config": {"session_id": ""}}, ["body", "config", "session_id"]),
        (
            {"type": "investment_research", "config": {"user_id": "x"}},
            ["body", "config", "user_password"],
        ),
    ],
)
def test_a_wrong_field_is_refused_with_its_place(alice: Api, change: dict[str, Any], place: list[str]) -> None:
    body = {"type": "email", "label": "Desk", "config": CONFIGS["email"]} | change
    answer = alice("POST", CONNECTORS, json=body)
    assert answer.status_code == 400
    assert place in [error["loc"] for error in answer.json()["detail"]]
    assert alice.connectors() == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"label": NaN}',
        b'{"label": "\\u0000"}',
        b'{"label": "\\ud800"}',
        b"\xff",
        b'{"a":' + b"[" * 30_000,
        b'{"a":' + b"9" * 5_000 + b"}",
    ],
)
def test_a_body_that_is_no_json_object_of_text_is_refused(alice: Api, body: bytes) -> None:
    answer = alice("POST", CONNECTORS, data=body)
    assert answer.status_code == 400
    assert answer.json()["message"]


def test_a_body_over_64_kib_is_refused(alice: Api) -> None:
    body = {"type": "email", "label": "", "config": CONFIGS["email"]}
    room = 65_536 - len(json.dumps(body))
    assert alice("POST", CONNECTORS, json=body | {"label": "x" * room}).status_code == 200
    assert alice("POST", CONNECTORS, json=body | {"label": "x" * (room + 1)}).status_code == 413
