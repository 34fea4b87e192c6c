"""Adam's browser, invitations and their links, and members whose keys see connectors."""

import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from connectors_app.choices import AuditAction
from connectors_app.models import ApiKey, AuditEntry, Connector, Member, Sighting
from connectors_app.services.invitations import invite
from tests.connectors.conftest import database_for_threads

__all__ = ["database_for_threads"]

NEW_PASSWORD = "battery staple horse"


@pytest.fixture
def admin(adam: Member, signed_in: Callable[[Member], Client]) -> Client:
    """Adam's browser."""
    return signed_in(adam)


@pytest.fixture
def link(adam: Member) -> Callable[..., str]:
    """Invite somebody; gives the path of the link."""

    def make(email: str = "carol@example.com", role: str = "analyst") -> str:
        issued = invite(organization=adam.organization, email=email, role=role, invited_by=adam)
        return path_of(issued.link)

    return make


@pytest.fixture
def see() -> Callable[..., Connector]:
    """Let the keys of some members see a connector of the first one; keys are stored without asking anybody."""

    def make(owner: Member, *others: Member, **fields: object) -> Connector:
        now = timezone.now()
        owner.bigdata_user_id = f"user_{owner.pk}"
        owner.save(update_fields=["bigdata_user_id"])
        values = {"type": "email", "label": "Desk", "bigdata_user_id": owner.bigdata_user_id, "files_count": 1}
        times = {"created_at": now, "updated_at": now, "refreshed_at": now}
        ids = {"connector_id": uuid4(), "bigdata_org_id": "org", "organization": owner.organization}
        connector = Connector.objects.create(**values | times | ids | {"state": "healthy"} | fields)
        for member in (owner, *others):
            Sighting.objects.create(api_key=key_of(member), connector=connector)
        return connector

    return make


def key_of(member: Member) -> ApiKey:
    api_key = ApiKey.objects.filter(member=member).first()
    if api_key is None:
        api_key = ApiKey(member=member, organization=member.organization)
        api_key.seal(f"key-of-{member.email}")
        api_key.save()
    return api_key


def path_of(link: str) -> str:
    return link.removeprefix("http://testserver")


def link_in(page: object) -> str:
    """The path of the one invitation link that an answer shows."""
    [path] = set(re.findall(r"/invitations/[\w-]+/", page.text))
    return path


def sign_in(email: str = "carol@example.com", password: str = NEW_PASSWORD, client: Client | None = None) -> bool:
    """Whether that leads to the overview."""
    client = client or Client()
    client.post("/account/login/", {"login": email, "password": password})
    return client.get("/").status_code == 200


def join(path: str, password: str = NEW_PASSWORD, **more: object) -> object:
    return Client().post(path, {"password": password, **more})


def recorded(action: AuditAction) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(action=action).order_by("pk"))


def state_of(connector: Connector) -> str:
    connector.refresh_from_db()
    return connector.state
