"""Alice at her desk: signed in, with a key that upstream accepts; and an upstream that answers as told."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from connectors_app.models import Member
from connectors_app.sandbox import SandboxServer
from tests.bigdata.servers import Handler, Server


@pytest.fixture
def alice_with_key(alice: Member, with_key: Callable[[Member], Member], sandbox: SandboxServer) -> Member:
    member = with_key(alice)
    sandbox.clear_requests()
    return member


@pytest.fixture
def desk(alice_with_key: Member, signed_in: Callable[[Member], Client]) -> Client:
    """Alice's browser, without JavaScript."""
    return signed_in(alice_with_key)


@pytest.fixture
def upstream_answers(upstream_at: Callable[[Handler], Server]) -> Callable[..., Server]:
    """From now on upstream gives every request this one answer: a status, and a body as JSON or as bytes."""

    def start(status: int, body: Any) -> Server:
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(sent)}\r\n\r\n"
        return upstream_at(lambda connection, _: connection.sendall(head.encode() + sent))

    return start


@pytest.fixture
def database_for_threads(transactional_db: None, tmp_path: Path) -> Iterator[None]:
    """A database in which threads wait for each other's locks. SQLite in memory refuses them instead."""
    if connection.vendor != "sqlite" or not connection.is_in_memory_db():
        yield
        return
    connection.ensure_connection()
    memory, name = connection.connection, connection.settings_dict["NAME"]
    with sqlite3.connect(tmp_path / "test.sqlite3") as file:
        memory.backup(file)
    file.close()
    connection.connection, connection.settings_dict["NAME"] = None, str(tmp_path / "test.sqlite3")
    yield
    connection.close()
    connection.connection, connection.settings_dict["NAME"] = memory, name
