"""A public receiver: connected to by the address that was checked, known by its name."""

import pytest

from connectors_app.webhooks import Undelivered, post
from tests.bigdata.servers import drip
from tests.webhooks.conftest import BODY, HEADERS, NAME, PUBLIC

OTHER = "198.41.0.4"


def test_it_is_reached_by_the_name_that_was_typed(public, network, certificate):
    names = []
    certificate.sni_callback = lambda _socket, name, _context: names.append(name)
    server, url = public()
    post(url, BODY, HEADERS)
    assert f"Host: {url.split('/')[2]}".encode() in server.requests[0].split(b"\r\n")
    assert server.requests[0].startswith(b"POST /in/7 HTTP/1.1")
    assert (names, network.connections) == ([NAME], [PUBLIC])


def test_only_the_first_address_is_connected_to(public, network):
    network.names[NAME] = [[OTHER, PUBLIC]]
    server, url = public()
    with pytest.raises(Undelivered, match="The connection was refused"):
        post(url, BODY, HEADERS)
    assert (network.connections, server.connections) == ([OTHER], 0)


def test_its_certificate_must_be_for_that_name(public, network):
    server, url = public(name="other.example.com")
    with pytest.raises(Undelivered, match="No secure connection") as caught:
        post(url, BODY, HEADERS)
    assert (caught.value.can_retry, server.requests) == (True, [])


def test_its_certificate_must_be_trusted(public, monkeypatch):
    server, url = public()
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    with pytest.raises(Undelivered, match="No secure connection"):
        post(url, BODY, HEADERS)
    assert server.requests == []


def test_it_keeps_to_the_deadline(public, over):
    _, url = public(lambda connection, _: drip(connection, b"HTTP/1.1 200 OK\r\nX: " + b"y" * 9_000, over))
    with pytest.raises(Undelivered, match=r"No answer within 0\.5 seconds"):
        post(url, BODY, HEADERS, deadline=0.5)


def test_no_proxy_stands_between(public, network, monkeypatch):
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    server, url = public()
    post(url, BODY, HEADERS)
    assert (len(server.requests), network.connections) == (1, [PUBLIC])
