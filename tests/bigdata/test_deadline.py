"""The total time of a call holds, whatever upstream does; http and https, new and reused connections."""

import socket
import threading

import pytest

from connectors_app.bigdata import KeyRejected, TimedOut, Unreachable
from connectors_app.http.deadline import Deadline

from .conftest import ID
from .servers import OK_LIST, drip

ENDLESS_HEADERS = b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(90)) + b"X: " + b"y" * 9_000
ENDLESS_CHUNKS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\n \r\n" * 9_000
LONG_BODY = b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n" + b" " * 9_000
NO_END = b"HTTP/1.1 200 OK\r\n\r\n" + b" " * 9_000
DRIPS = [ENDLESS_HEADERS, ENDLESS_CHUNKS, LONG_BODY, NO_END]


@pytest.fixture
def over():
    """Set when the test is over, so that servers stop."""
    event = threading.Event()
    yield event
    event.set()


@pytest.mark.parametrize("data", DRIPS)
def test_an_answer_that_drips_is_ended(serve, connect, over, data):
    server = serve(lambda connection, _: drip(connection, data, over))
    with pytest.raises(TimedOut):
        connect(server.url, total_timeout=0.2).list_connectors()


@pytest.mark.parametrize("data", DRIPS)
def test_an_answer_that_drips_over_tls_is_ended(serve, connect, over, certificate, monkeypatch, data):
    context, trusted = certificate
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(trusted))
    server = serve(lambda connection, _: drip(connection, data, over), context)
    with pytest.raises(TimedOut):
        connect(server.url, total_timeout=0.3).list_connectors()


@pytest.mark.parametrize("tls", [False, True])
def test_a_reused_connection_keeps_to_the_next_calls_time(serve, connect, over, certificate, monkeypatch, tls):
    def handler(connection, _request):
        if len(server.requests) == 1:
            return connection.sendall(OK_LIST)
        return drip(connection, ENDLESS_HEADERS, over)

    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate[1]))
    server = serve(handler, certificate[0] if tls else None)
    client = connect(server.url, total_timeout=0.5)
    client.list_connectors()
    with pytest.raises(TimedOut):
        client.list_connectors()
    assert server.connections == 1


def test_each_call_on_a_reused_connection_has_the_whole_time_again(serve, connect, over):
    def handler(connection, _request):
        over.wait(0.15)
        connection.sendall(OK_LIST)

    client = connect(serve(handler).url, total_timeout=0.4)
    assert [client.list_connectors() for _ in range(4)] == [[], [], [], []]


def test_silence_is_ended_by_the_read_timeout(serve, connect, over):
    server = serve(lambda _connection, _request: over.wait(5))
    with pytest.raises(TimedOut) as caught:
        connect(server.url, read_timeout=0.1).archive_connector(ID)
    assert caught.value.may_have_happened


def test_a_slow_call_is_not_tried_again(serve, connect, over, naps):
    server = serve(lambda _connection, _request: over.wait(5))
    with pytest.raises(TimedOut):
        connect(server.url, read_timeout=0.1).list_connectors()
    assert (len(server.requests), naps) == (1, [])


def test_a_refusal_counts_even_if_its_body_never_ends(serve, connect, over):
    def handler(connection, _request):
        connection.sendall(b"HTTP/1.1 401 No\r\nContent-Length: 9000\r\n\r\n")
        return drip(connection, b" " * 9_000, over)

    server = serve(handler)
    with pytest.raises(KeyRejected):
        connect(server.url, total_timeout=0.3).list_connectors()


def test_a_host_that_never_shakes_hands_was_sent_nothing(connect, inbox):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = connect(f"https://127.0.0.1:{silent.getsockname()[1]}", connect_timeout=0.1)
        with pytest.raises(Unreachable) as caught:
            client.create_connector(inbox)
    assert not caught.value.may_have_happened


def test_a_call_without_time_sends_nothing(serve, connect):
    server = serve(lambda connection, _: connection.sendall(OK_LIST))
    with pytest.raises(Unreachable):
        connect(server.url, total_timeout=0).list_connectors()
    assert server.requests == []


def test_a_deadline_gives_the_lesser_of_two_times_and_nothing_after_its_end():
    assert Deadline(60).limit(1) == 1
    assert 0 < Deadline(1).limit(60) <= 1
    with pytest.raises(TimeoutError):
        Deadline(0).limit(1)
