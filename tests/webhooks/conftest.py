"""A receiver of one's own on this machine, and a public one that a made-up network leads to."""

import ssl
import threading
from collections.abc import Callable, Iterator

import pytest

from connectors_app.webhooks import post
from tests.bigdata.certificates import make_certificate
from tests.bigdata.conftest import closed_port, serve, traced_memory
from tests.bigdata.servers import Handler, Server
from tests.webhooks.network import Network, network

__all__ = ["closed_port", "network", "serve", "traced_memory"]

BODY = b'{"event": "connector.failing"}'
HEADERS = {"Content-Type": "application/json", "X-Event": "7"}
NAME, PUBLIC = "hooks.example.com", "93.184.215.14"
GOOD = b"HTTP/1.1 204 No Content\r\n\r\n"


def answering(data: bytes) -> Handler:
    """Say `data` and hang up."""
    return lambda connection, _: connection.sendall(data) or True


def deliver(url: str, deadline: float = 5.0) -> None:
    """Send to a receiver of one's own."""
    post(url, BODY, HEADERS, allowed_hosts=["127.0.0.1"], deadline=deadline)


@pytest.fixture
def over() -> Iterator[threading.Event]:
    """Set when the test is over, so that servers stop."""
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def certificate(tmp_path, monkeypatch) -> ssl.SSLContext:
    """What the public receiver shows, and the dashboard trusts."""
    context, trusted = make_certificate(tmp_path, NAME)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(trusted))
    return context


@pytest.fixture
def public(serve, network: Network, certificate: ssl.SSLContext) -> Callable[..., tuple[Server, str]]:
    """Start the public receiver; returns it and its URL."""

    def start(handler: Handler | None = None, name: str = NAME) -> tuple[Server, str]:
        server = serve(handler or answering(GOOD), certificate)
        network.names.setdefault(name, [[PUBLIC]])
        return server, f"https://{name}:{network.stand_in(PUBLIC, server.url)}/in/7"

    return start
