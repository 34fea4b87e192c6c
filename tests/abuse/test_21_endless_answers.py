"""An upstream that never comes to an end: what it sends is cut at the cap, what it drips at the deadline.

The client's part of it, over TLS and on kept connections too, is in tests/bigdata/test_deadline.py.
"""

import tracemalloc

import pytest

from connectors_app.models import ApiKey, Connector
from connectors_app.services import polling
from tests.bigdata.servers import drip
from tests.connectors.stage import text_of
from tests.polling.conftest import as_json

MIB = 1024 * 1024
GIB = 1024 * MIB
PIECE = b" " * MIB


@pytest.fixture
def watched(sandbox, alice_with_key):
    """Alice's key, which has seen one connector."""
    sandbox.plant("user_alice", label="As it was")
    assert polling.poll(alice_with_key.api_key.pk)
    return alice_with_key.api_key


@pytest.fixture
def endless(upstream_at):
    """An upstream whose list is 1 GiB; `sent` counts what was taken of it."""

    def handle(connection, _):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % GIB)
        for _ in range(GIB // MIB):
            connection.sendall(PIECE)
            server.sent += MIB

    server = upstream_at(handle)
    server.sent = 0
    return server


def test_21_a_gigabyte_is_cut_at_the_cap_and_leaves_nothing_in_memory(watched, endless, settings):
    settings.BIGDATA_TOTAL_TIMEOUT = 20.0
    before = list(Connector.objects.values())
    assert not polling.poll(watched.pk)  # What is made once for all is made by now.
    tracemalloc.start()
    try:
        for _ in range(2):
            assert not polling.poll(watched.pk)
        left, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 40 * MIB
    assert left < MIB
    assert endless.sent < 3 * 48 * MIB
    assert "more than this dashboard takes in" in ApiKey.objects.get().last_poll_error
    assert list(Connector.objects.values()) == before


@pytest.mark.parametrize("begun", [b"HTTP/1.1 200 OK\r\nX-Endless: ", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_21_a_drip_ends_at_the_deadline_and_holds_up_nobody_after(
    watched, desk, sandbox, upstream_at, settings, begun
):
    settings.BIGDATA_MAX_CONCURRENCY = 1
    server = upstream_at(lambda connection, _: drip(connection, begun + b" " * 9_000, server.over))
    settings.BIGDATA_TOTAL_TIMEOUT = 0.3
    connector = Connector.objects.get()
    assert not polling.poll(watched.pk)
    page = desk.post(f"/connectors/{connector.connector_id}/refresh/", follow=True)
    assert "did not answer in time" in text_of(page)
    assert "As it was" in text_of(page)
    assert len(server.requests) == 2


def test_21_the_slot_of_a_drip_is_free_again(watched, upstream_at, settings):
    """With one slot for all, so that one that is not given back would stop the next call."""
    settings.BIGDATA_MAX_CONCURRENCY = 1

    def handle(connection, _):
        if len(server.requests) == 1:
            return drip(connection, b"HTTP/1.1 200 OK\r\n\r\n" + b" " * 9_000, server.over)
        body = as_json([]).encode()
        return connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

    server = upstream_at(handle)
    settings.BIGDATA_TOTAL_TIMEOUT = 0.3
    assert not polling.poll(watched.pk)
    settings.BIGDATA_TOTAL_TIMEOUT = 0.3
    polling.poll(watched.pk)
    assert len(server.requests) > 1
