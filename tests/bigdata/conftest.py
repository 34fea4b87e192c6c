"""A cast for the client's tests: keys, connectors, a transport that never sleeps, and servers."""

import socket
import ssl
import tracemalloc
from contextlib import contextmanager
from uuid import UUID

import pytest
import responses as responses_library

from connectors_app.bigdata import BigdataClient, BrokerConfig, EmailConfig, NewConnector, Secret, Transport

from .certificates import make_certificate
from .servers import Handler, Server

BASE = "https://api.example.test"
CONNECTORS = f"{BASE}/contents/v1/connectors"
DOCUMENTS = f"{BASE}/contents/v1/documents"
ID = UUID("019a9612-bfad-758c-884e-37dd8c6ad2cb")
CONNECTOR = f"{CONNECTORS}/{ID}"
KEY = "key-canary-7f3a"
PASSWORD = 'pass"canary/ü 9'


@pytest.fixture
def upstream():
    """Canned answers; a call that none was prepared for fails."""
    with responses_library.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


@pytest.fixture
def naps():
    """The sleeps that were asked for, in seconds."""
    return []


@pytest.fixture
def client(naps):
    transport = Transport(BASE, sleep=naps.append, random=lambda: 0.5)
    yield BigdataClient(Secret(KEY), transport)
    transport.close()


@pytest.fixture
def serve():
    """Start a server; `serve(handler)` returns it."""
    started = []

    def start(handler: Handler, tls: ssl.SSLContext | None = None) -> Server:
        started.append(Server(handler, tls))
        return started[-1]

    yield start
    for server in started:
        server.close()


@pytest.fixture
def connect(naps):
    """Return a client of a server's URL; other arguments go to Transport."""
    made = []

    def make(url: str, **options) -> BigdataClient:
        made.append(Transport(url, sleep=naps.append, random=lambda: 0.5, **options))
        return BigdataClient(Secret(KEY), made[-1])

    yield make
    for transport in made:
        transport.close()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """A server's TLS context and the file that trusts it."""
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def closed_port():
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@pytest.fixture
def connector_json():
    return {
        "connector_id": str(ID),
        "user_id": "user_id_001",
        "org_id": "org_id_001",
        "share_with_org": False,
        "label": "Broker Research",
        "type": "email",
        "created_at": "2026-02-11T11:01:09.574095Z",
        "updated_at": "2026-02-11T12:01:09.574102+01:00",
        "archived": False,
        "description": None,
        "config": {"allowed_emails": ["a@example.com"], "email": "a1b2@bigdata.com", "email_hash": "a1b2"},
        "files_count": 10,
        "last_sync_at": "2026-04-07T09:36:34.195040Z",
        "last_sync_status": "SUCCESS",
        "last_sync_error_msg": None,
        "last_sync_count": 3200,
    }


@pytest.fixture
def document_json():
    return {
        "id": "E0618D0E9D3A960C1731A620EDE56B5C",
        "file_name": "Weekly.eml",
        "user_id": "user_id_001",
        "org_id": "org_id_001",
        "status": "completed",
        "created_at": "2026-02-11T11:01:09Z",
        "updated_at": "2026-02-11T11:01:09Z",
        "raw_size": 2048,
        "connector_id": str(ID),
        "shared_with_orgs": ["org_id_001"],
        "tags": [{"id": "1", "name": "from:a@example.com"}, {"id": "2"}, "plain"],
        "file_metadata": {"author": "A", "session_token": "x"},
    }


@pytest.fixture
def inbox():
    return NewConnector("Inbox", "Daily", True, EmailConfig(("a@example.com",)))


@pytest.fixture
def broker():
    return NewConnector("Feed", "", False, BrokerConfig("jane", Secret(PASSWORD)))


@pytest.fixture
def traced_memory():
    """`with traced_memory() as peak:` - afterwards peak() is the most bytes that Python held at once."""

    @contextmanager
    def trace():
        tracemalloc.start()
        try:
            yield lambda: most[0]
        finally:
            most.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()

    most = []
    return trace
