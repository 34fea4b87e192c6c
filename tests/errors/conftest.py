"""Connectors that fail, as lists of the API told it."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from connectors_app.models import Connector, Member
from connectors_app.services import snapshots
from tests.polling.conftest import connector_data, make_key  # noqa: F401  (a fixture)

LOGIN = "Login to portal.harbour.example was refused: wrong password (reference {})"


@pytest.fixture
def failing(make_key) -> Callable[..., Connector]:  # noqa: F811
    """A connector of the member's whose last sync failed some hours ago."""
    keys = {}

    def make(member: Member, error: str = LOGIN, *, hours: int = 1, connector_id: UUID | None = None, **fields):
        if member.pk not in keys:
            keys[member.pk] = make_key(member)
            member.bigdata_user_id = f"user_{member.email.partition('@')[0]}"
            member.save()
        now = timezone.now()
        told = {
            "user_id": member.bigdata_user_id,
            "last_sync_at": (now - timedelta(hours=hours)).isoformat(),
            "last_sync_status": "FAILED",
            "last_sync_error_msg": error.format(uuid4().hex[:8]),
        }
        data = connector_data(connector_id or uuid4(), **told | fields)
        return snapshots.take_one(keys[member.pk], data, asked_at=now)

    return make
