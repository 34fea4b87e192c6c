"""The stage of abuse: what Alice's and Bob's organization has, and what would show if any of it changed.

The numbers in the tests' names are those of the list that the product is held against.
"""

from collections.abc import Callable
from typing import Any

import pytest

from connectors_app.choices import BulkAction
from connectors_app.models import ApiKey, Bulk, Connector, Member
from connectors_app.services.invitations import invite
from tests.access.conftest import elsewhere, make_connector, objects
from tests.access.test_matrix import make_incident, make_message, make_operation, make_security_key, make_session
from tests.bulk.conftest import have
from tests.connectors.changing import plant
from tests.connectors.conftest import alice_with_key, desk, upstream_answers
from tests.errors.conftest import failing
from tests.polling.conftest import make_key
from tests.stored import everything_stored

__all__ = ["alice_with_key", "desk", "elsewhere", "failing", "have", "make_connector", "make_key", "objects"]
__all__ += ["upstream_answers"]

# Refusals are recorded, attempts are counted.
_NOTED = ("connectors_app_audit", "cache ")


def stored() -> list[str]:
    """Every row of every table, but for the audit trail and the cache."""
    return [line for line in everything_stored().split("\n") if not line.startswith(_NOTED)]


def belongings(member: Member, connector: Connector) -> dict[str, Any]:
    """One of everything that a page can be about, all of it the member's, by the name of the parameter."""
    invitation = invite(organization=member.organization, email="dora@example.com", role="analyst").invitation
    work = Bulk.objects.create(organization=member.organization, actor=member, action=BulkAction.SYNC)
    message = make_message(member.organization)
    return {
        "connector_id": connector.connector_id,
        "group_id": connector.error_group_id,
        "operation_id": make_operation(member, connector).pk,
        "bulk_id": work.pk,
        "member_id": member.pk,
        "invitation_id": invitation.pk,
        "key_id": ApiKey.objects.get(member=member).pk,
        "session_id": make_session(member).pk,
        "pk": make_security_key(member).pk,
        "incident_id": (connector.incidents.open().first() or make_incident(connector)).pk,
        "channel_id": message.channel_id,
        "delivery_id": message.pk,
    }


@pytest.fixture
def inbox(sandbox: Any, alice_with_key: Member) -> Connector:
    """Alice's, which upstream and the dashboard know."""
    return plant(sandbox, alice_with_key)


@pytest.fixture
def admin(adam: Member, signed_in: Callable[[Member], Any]) -> Any:
    """Adam's browser."""
    return signed_in(adam)
