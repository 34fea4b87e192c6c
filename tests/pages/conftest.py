"""Alice at her desk, and snapshots of connectors: most pages need no upstream."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from connectors_app.models import ApiKey, Connector, Member, Sighting
from connectors_app.sandbox import SandboxServer


@pytest.fixture
def desk(
    alice: Member,
    with_key: Callable[[Member], Member],
    signed_in: Callable[[Member], Client],
    sandbox: SandboxServer,
) -> Client:
    """Alice's browser: signed in, with a key that upstream accepts."""
    client = signed_in(with_key(alice))
    sandbox.clear_requests()
    return client


@pytest.fixture
def make_connectors(alice: Member) -> Callable[..., list[Connector]]:
    """Snapshots of Alice's connectors, which her key sees if she has one."""

    def make(count: int = 1, **fields: object) -> list[Connector]:
        now = timezone.now()
        Member.objects.filter(pk=alice.pk).update(bigdata_user_id="user_alice")
        whose = {
            "organization": alice.organization,
            "bigdata_user_id": "user_alice",
            "bigdata_org_id": "org_id_001",
        }
        times = {"created_at": now, "updated_at": now, "refreshed_at": now}
        values = {"type": "email", "config": {"email": "in@bigdata.com"}, **whose, **times, **fields}
        made = [Connector(connector_id=uuid4(), label=f"Desk {number}", **values) for number in range(count)]
        Connector.objects.bulk_create(made)
        for api_key in ApiKey.objects.filter(member=alice):
            Sighting.objects.bulk_create(Sighting(api_key=api_key, connector=each) for each in made)
        return made

    return make
