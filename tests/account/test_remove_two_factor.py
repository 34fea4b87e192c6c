"""The command for a member who lost app, keys and codes."""

import pytest
from django.core.management import CommandError, call_command

from connectors_app.choices import AuditAction
from connectors_app.models import AuditEntry
from tests.account.authenticator_app import SECOND_STEP, enter_password

pytestmark = pytest.mark.django_db


def test_afterwards_the_password_does_and_it_is_recorded(client, secret, alice):
    call_command("remove_two_factor", "Alice@example.com")
    assert enter_password(client) == "/"
    entry = AuditEntry.objects.get(action=AuditAction.MFA_REMOVED)
    assert (entry.actor, entry.target_name) == (None, "alice@example.com")


def test_other_members_keep_theirs(client, secret, bob):
    with pytest.raises(CommandError, match="has no two-factor"):
        call_command("remove_two_factor", "bob@example.com")
    assert enter_password(client) == SECOND_STEP


def test_an_unknown_address_is_said(db):
    with pytest.raises(CommandError, match="There is no member"):
        call_command("remove_two_factor", "nobody@example.com")
