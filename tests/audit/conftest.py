"""The trail, as tests look at it: what is recorded about connectors, refusals and keys, in order."""

from collections.abc import Callable

import pytest
from django.test import Client

from connectors_app.choices import AuditAction
from connectors_app.models import AuditEntry, Connector, Member
from connectors_app.sandbox import SandboxServer
from connectors_app.services import audit
from tests.access.conftest import make_connector, objects
from tests.connectors.changing import plant
from tests.connectors.conftest import alice_with_key, database_for_threads, desk

__all__ = ["alice_with_key", "database_for_threads", "desk", "make_connector", "objects"]


def recorded(*actions: AuditAction) -> list[AuditEntry]:
    """The entries of these actions, oldest first."""
    return list(AuditEntry.objects.filter(action__in=actions).order_by("pk"))


def about_connectors() -> list[tuple[str, str]]:
    """Action and result of what was recorded about connectors, oldest first."""
    entries = AuditEntry.objects.filter(action__startswith="connectors.").order_by("pk")
    return list(entries.values_list("action", "result"))


@pytest.fixture
def inbox(sandbox: SandboxServer, alice_with_key: Member) -> Connector:
    return plant(sandbox, alice_with_key)


@pytest.fixture
def add(organization: object) -> Callable[..., AuditEntry]:
    """Record something that a member did."""

    def record(actor: Member, action: AuditAction = AuditAction.SIGNED_IN, **more: object) -> AuditEntry:
        return audit.record(action, organization=actor.organization, actor=actor, **more)

    return record


@pytest.fixture
def admin(adam: Member, signed_in: Callable[[Member], Client]) -> Client:
    """Adam's browser."""
    return signed_in(adam)
