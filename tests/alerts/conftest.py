"""Connectors whose syncs are seen at moments that a test chooses, and who is told what of it."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from pytest_django.fixtures import Settings

from connectors_app.models import ApiKey, Channel, Connector, Delivery, Incident, Member, Organization
from connectors_app.permissions import may_see
from connectors_app.services import snapshots
from connectors_app.services.alerts import upkeep
from tests.bigdata.servers import Server
from tests.polling.conftest import connector_data, make_key  # noqa: F401  (a fixture)

LOGIN = "Login to the portal was refused: wrong password"
OTHER = "The page could not be read"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def at(minutes: float) -> datetime:
    """A moment, in minutes from noon."""
    return NOON + timedelta(minutes=minutes)


@dataclass
class Watched:
    """What one member's key sees of one connector."""

    api_key: ApiKey
    connector_id: UUID
    user_id: str
    fields: dict[str, Any] = field(default_factory=dict)

    def sync(self, minutes: float, error: str = "", **fields: Any) -> None:
        """A sync ended and was seen at that minute."""
        told = {
            "last_sync_at": at(minutes).isoformat(),
            "last_sync_status": "FAILED" if error else "SUCCESS",
            "last_sync_error_msg": error or None,
        }
        self.see(minutes, **told | fields)

    def see(self, minutes: float, **fields: Any) -> None:
        """What the API says from then on."""
        self.fields |= fields
        data = connector_data(self.connector_id, **{"user_id": self.user_id, "last_sync_at": None} | self.fields)
        snapshots.take_one(self.api_key, data, asked_at=at(minutes))

    @property
    def connector(self) -> Connector:
        return Connector.objects.get(connector_id=self.connector_id)

    @property
    def incident(self) -> Incident:
        return self.connector.incidents.latest("opened_at")


@pytest.fixture
def watch(make_key) -> Callable[..., Watched]:  # noqa: F811
    """A connector of the member's that has had nothing but good syncs so far; the member is known as its owner."""
    keys: dict[int, ApiKey] = {}

    def make(member: Member, **fields: Any) -> Watched:
        if member.pk not in keys:
            keys[member.pk] = make_key(member)
            member.bigdata_user_id = f"user_{member.email.partition('@')[0]}"
            member.save()
        watched = Watched(keys[member.pk], uuid4(), member.bigdata_user_id)
        watched.sync(-600, **fields)
        return watched

    return make


def make_messages(minutes: float) -> list[Delivery]:
    """What a worker does at that minute."""
    upkeep.look_after(now=at(minutes))
    return upkeep.make_messages(now=at(minutes), may_see=may_see)


def subjects(minutes: float) -> list[str]:
    """Of the messages that are ready at that minute and were not before."""
    return [delivery.subject for delivery in make_messages(minutes)]


@dataclass
class Receiver:
    """A webhook's other end: it answers with `status` and keeps what it took."""

    server: Server
    status: int = 200

    @property
    def url(self) -> str:
        return f"{self.server.url}/hook?token=canary-token"

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(request.partition(b"\r\n\r\n")[2]) for request in self.server.requests]


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    settings.WEBHOOK_ALLOWED_HOSTS = ["127.0.0.1"]

    def answer(connection: Any, request: bytes) -> None:
        connection.sendall(f"HTTP/1.1 {made.status} X\r\nContent-Length: 0\r\n\r\n".encode())

    made = Receiver(Server(answer))
    yield made
    made.server.close()


@pytest.fixture
def make_channel(organization: Organization) -> Callable[..., Channel]:
    """A channel of the organization that hears everything, unless rules say otherwise."""

    def make(kind: str = "email", *, url: str = "", **fields: Any) -> Channel:
        channel = Channel(organization=organization, kind=kind, name=f"Our {kind}", **fields)
        if kind == "email":
            channel.email = channel.email or "desk@example.com"
        else:
            channel.seal_url(url, host="127.0.0.1")
            channel.seal_secret("whsec_canary")
        channel.save()
        return channel

    return make
