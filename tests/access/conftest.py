"""Connectors of everybody, as snapshots: these tests need no upstream."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.utils import timezone

from connectors_app.models import Connector, Member, Organization


@pytest.fixture
def make_connector() -> Callable[..., Connector]:
    def make(owner: Member, *, shared: bool = False, label: str = "") -> Connector:
        now = timezone.now()
        owner.bigdata_user_id = f"user_{owner.email.partition('@')[0]}"
        owner.save()
        return Connector.objects.create(
            organization=owner.organization,
            connector_id=uuid4(),
            type="email",
            label=label or f"of {owner.email}",
            share_with_org=shared,
            bigdata_user_id=owner.bigdata_user_id,
            bigdata_org_id="org_id_001",
            created_at=now,
            updated_at=now,
            refreshed_at=now,
        )

    return make


@pytest.fixture
def objects(make_connector, bob: Member, mallory: Member) -> Callable[[Member], dict[str, Connector]]:
    """One connector of the member's own, Bob's shared and private one, and one of another organization."""

    def make(member: Member) -> dict[str, Connector]:
        return {
            "own": make_connector(member, label="Mine"),
            "shared": make_connector(bob, shared=True, label="Bob's shared"),
            "private": make_connector(bob, label="Bob's private"),
            "foreign": make_connector(mallory, shared=True, label="Mallory's"),
        }

    return make


@pytest.fixture
def elsewhere(mallory: Member) -> Organization:
    return mallory.organization
