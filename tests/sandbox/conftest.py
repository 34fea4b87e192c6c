"""A running sandbox, and a client for one key of it."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from connectors_app.sandbox import SandboxServer

CONNECTORS = "/contents/v1/connectors"
CONFIGS: dict[str, dict[str, Any]] = {
    "email": {"allowed_emails": ["ada@desk.example"]},
    "investment_research": {"user_id": "desk-7", "user_password": "canary-password"},
    "sharepoint": {"session_id": "canary-session"},
}


class Api:
    """Speaks plain HTTP to a sandbox with one key."""

    def __init__(self, server: SandboxServer, key: str = "sandbox-alice") -> None:
        self.server = server
        self.headers = {"X-API-KEY": key}

    def __call__(self, method: str, path: str, **options: Any) -> requests.Response:
        url = self.server.url + path
        headers = self.headers | options.pop("headers", {})
        return requests.request(method, url, headers=headers, timeout=10, allow_redirects=False, **options)

    def create(self, kind: str = "email", **fields: Any) -> dict[str, Any]:
        body = {"type": kind, "label": "Desk", "config": CONFIGS[kind]} | fields
        answer = self("POST", CONNECTORS, json=body)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def get(self, connector_id: str) -> dict[str, Any]:
        return dict(self("GET", f"{CONNECTORS}/{connector_id}").json())

    def connectors(self) -> list[dict[str, Any]]:
        return list(self("GET", CONNECTORS).json()["results"])

    def documents(self, **params: Any) -> list[dict[str, Any]]:
        return list(self("GET", "/contents/v1/documents", params=params).json()["results"])

    def sync(self, connector_id: str, body: dict[str, Any]) -> requests.Response:
        return self("POST", f"{CONNECTORS}/{connector_id}/sync", json=body)


@pytest.fixture(autouse=True)
def _local_network_only(request: pytest.FixtureRequest) -> None:
    """Where pytest-socket blocks the network, allow this machine."""
    if request.config.pluginmanager.hasplugin("socket"):
        request.getfixturevalue("socket_enabled")


@pytest.fixture
def server() -> Iterator[SandboxServer]:
    """A quiet sandbox in memory."""
    with SandboxServer(activity="quiet") as running:
        yield running


@pytest.fixture
def lively() -> Iterator[SandboxServer]:
    """A sandbox in which things happen by themselves."""
    with SandboxServer(activity="lively") as running:
        yield running


@pytest.fixture
def alice(server: SandboxServer) -> Api:
    """Alice, in the quiet sandbox."""
    return Api(server)
