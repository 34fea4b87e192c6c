"""Stored keys that no upstream knows, for what needs none."""

from collections.abc import Callable
from typing import Any

import pytest

from connectors_app.models import ApiKey, Member
from tests.access.conftest import make_connector
from tests.connectors.conftest import database_for_threads

__all__ = ["database_for_threads", "make_connector", "make_key"]


@pytest.fixture
def make_key() -> Callable[..., ApiKey]:
    def make(member: Member, value: str = "", **fields: Any) -> ApiKey:
        api_key = ApiKey(member=member, organization=member.organization, **fields)
        api_key.seal(value or f"canary-key-of-{member.email}-1234")
        api_key.save()
        return api_key

    return make
