"""Only reads are tried again, only when it may help, and never for longer than the call has."""

import pytest
import requests

from connectors_app.bigdata import (
    BigdataClient,
    BigdataError,
    ConnectionLost,
    ConnectorChanges,
    RateLimited,
    Secret,
    Transport,
    Unreachable,
    UpstreamFailed,
)

from .conftest import BASE, CONNECTOR, CONNECTORS, ID, KEY
from .servers import OK_LIST

CHANGES = {
    "create": lambda client, inbox: client.create_connector(inbox),
    "update": lambda client, _: client.update_connector(ID, ConnectorChanges("L", "", False)),
    "archive": lambda client, _: client.archive_connector(ID),
    "delete": lambda client, _: client.delete_connector(ID),
    "sync": lambda client, _: client.trigger_sync(ID),
}


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_read_is_tried_again(upstream, client, naps, status):
    upstream.get(CONNECTORS, status=status)
    upstream.get(CONNECTORS, json={"results": []})
    assert client.list_connectors() == []
    assert naps == [0.25]


def test_a_read_is_given_up_after_three_tries_with_growing_pauses(upstream, client, naps):
    upstream.get(CONNECTORS, status=503)
    with pytest.raises(UpstreamFailed):
        client.list_connectors()
    assert (len(upstream.calls), naps) == (3, [0.25, 0.5])


@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 409, 500, 501])
def test_a_status_that_would_come_again_is_not_asked_again(upstream, client, status):
    upstream.get(CONNECTORS, status=status)
    with pytest.raises(BigdataError):
        client.list_connectors()
    assert len(upstream.calls) == 1


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("trouble", [429, 502, 503, 504, requests.ConnectionError(), requests.ConnectTimeout()])
def test_a_change_is_never_sent_twice(upstream, client, inbox, naps, change, trouble):
    outcome = {"status": trouble} if isinstance(trouble, int) else {"body": trouble}
    for method, url in [
        ("POST", CONNECTORS),
        ("PUT", CONNECTOR),
        ("DELETE", CONNECTOR),
        ("POST", f"{CONNECTOR}/sync"),
    ]:
        upstream.add(method, url, **outcome)
    with pytest.raises(BigdataError):
        change(client, inbox)
    assert (len(upstream.calls), naps) == (1, [])


def test_retry_after_is_waited_for_and_spread(upstream, client, naps):
    upstream.get(CONNECTORS, status=429, headers={"Retry-After": "2"})
    upstream.get(CONNECTORS, json={"results": []})
    client.list_connectors()
    assert naps == [2.25]


@pytest.mark.parametrize("value", ["6", "86400", "Wed, 21 Oct 2099 07:28:00 GMT"])
def test_a_long_retry_after_is_left_to_the_caller(upstream, client, naps, value):
    upstream.get(CONNECTORS, status=429, headers={"Retry-After": value})
    with pytest.raises(RateLimited) as caught:
        client.list_connectors()
    assert (len(upstream.calls), naps) == (1, [])
    assert caught.value.retry_after in (6, 3600)


def test_no_pause_is_begun_that_outlasts_the_call(upstream, naps):
    upstream.get(CONNECTORS, status=503)
    transport = Transport(BASE, total_timeout=0.2, sleep=naps.append, random=lambda: 1.0)
    with pytest.raises(UpstreamFailed):
        BigdataClient(Secret(KEY), transport).list_connectors()
    assert (len(upstream.calls), naps) == (1, [])


def test_a_client_may_ask_for_a_single_try(upstream, client):
    upstream.get(CONNECTORS, status=503)
    with pytest.raises(UpstreamFailed):
        BigdataClient(Secret(KEY), client._transport, attempts=1).list_connectors()
    assert len(upstream.calls) == 1


def test_a_refused_connection_is_tried_again(connect, closed_port, naps):
    with pytest.raises(Unreachable):
        connect(f"http://127.0.0.1:{closed_port}").list_connectors()
    assert len(naps) == 2


def test_a_read_whose_connection_broke_is_tried_again(serve, connect):
    server = serve(lambda connection, _: connection.sendall(OK_LIST) if len(server.requests) > 1 else True)
    assert connect(server.url).list_connectors() == []


def test_a_read_that_keeps_breaking_is_a_lost_connection(serve, connect):
    server = serve(lambda _connection, _request: True)
    with pytest.raises(ConnectionLost):
        connect(server.url).list_connectors()
    assert len(server.requests) == 3
