"""Answers of the API as the client hands them over, and keys that were stored without asking anybody."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from socket import socket
from typing import Any
from uuid import UUID, uuid4

import pytest

from connectors_app.bigdata import ConnectorData
from connectors_app.models import ApiKey, Member
from tests.bigdata.servers import Handler

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PATH = "/contents/v1/connectors"


def at(seconds: float) -> datetime:
    """A moment, in seconds from noon."""
    return NOON + timedelta(seconds=seconds)


def connector_json(connector_id: UUID | None = None, **fields: Any) -> dict[str, Any]:
    """A connector as the API writes it: Alice's broker feed, unless `fields` say otherwise."""
    return {
        "connector_id": str(connector_id or uuid4()),
        "user_id": "user_alice",
        "org_id": "org_id_001",
        "share_with_org": False,
        "label": "Broker feed",
        "type": "investment_research",
        "description": "",
        "created_at": "2026-02-11T11:01:09.574095Z",
        "updated_at": "2026-02-11T11:01:09.574095Z",
        "archived": False,
        "config": {"user_id": "desk-7"},
        "files_count": 10,
        "last_sync_at": "2026-02-28T09:36:34.195040Z",
        "last_sync_status": "SUCCESS",
        "last_sync_error_msg": None,
        "last_sync_count": 3,
        **fields,
    }


def connector_data(connector_id: UUID | None = None, **fields: Any) -> ConnectorData:
    return ConnectorData.from_json(connector_json(connector_id, **fields))


def as_json(results: list[Any]) -> str:
    """The body of a list answer."""
    return json.dumps({"results": results})


def upstream_answers(answers: dict[str, tuple[int, str]]) -> Handler:
    """Answer each path of `answers` with its status and body, every other one with a 404."""

    def handle(connection: socket, request: bytes) -> None:
        path = request.split(b" ")[1].decode()
        status, body = answers.get(path, (404, '{"message": "No such connector"}'))
        head = (
            f"HTTP/1.1 {status} Whatever\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        connection.sendall((head + body).encode())

    return handle


@pytest.fixture
def make_key() -> Callable[[Member], ApiKey]:
    """A stored key that was due at noon."""

    def make(member: Member, value: str = "") -> ApiKey:
        api_key = ApiKey(member=member, organization=member.organization, next_poll_at=NOON)
        api_key.seal(value or f"canary-key-of-{member.email}")
        api_key.save()
        return api_key

    return make
