"""The history tells what an edit was to change, and leads to the audit trail who finds something there."""

import pytest

from connectors_app.choices import AuditAction
from connectors_app.models import Operation
from connectors_app.services import audit
from connectors_app.services.timeline import timeline
from tests.connectors.changing import form_on, opened, plant, url
from tests.connectors.stage import text_of


@pytest.fixture
def inbox(sandbox, alice_with_key):
    return plant(sandbox, alice_with_key)


@pytest.fixture
def edited(desk, inbox):
    """The inbox with another label, shared, and with two senders instead of its one."""
    changes = {"label": "New", "share_with_org": "on", "allowed_emails": "a@x.example\nb@x.example"}
    asks = desk.post(url(inbox, "edit"), opened(desk, url(inbox, "edit"), **changes))
    desk.post(url(inbox, "edit"), form_on(asks))
    return inbox


CHANGES = [
    "Label: “Desk mail” → “New”",
    "Sharing: Private to owner → Shared with organization",
    "2 senders added: a@x.example, b@x.example. 1 sender removed: research@northbank.example",
]


def test_every_changed_field_is_told_before_and_after(desk, edited):
    assert " ".join(["Changed just now by alice@example.com", *CHANGES]) in text_of(
        desk.get(url(edited, "history"))
    )


def test_what_failed_says_why_and_what_was_asked_for(edited):
    Operation.objects.update(outcome="failed", message="Refused.")
    [entry] = timeline(edited).entries
    assert entry.text.splitlines() == ["Refused.", *CHANGES]


def test_where_the_values_before_are_not_known_nothing_is_made_up(edited):
    Operation.objects.update(request={"label": "New"})
    [entry] = timeline(edited).entries
    assert entry.text == ""


def test_the_trail_is_linked_for_those_who_find_something_there(desk, inbox, adam, alice, signed_in):
    link = f'href="/audit/?target={inbox.connector_id}"'

    def links():
        return [link in client.get(url(inbox, "history")).content.decode() for client in (desk, signed_in(adam))]

    assert links() == [False, False]
    for member, linked in ((adam, [False, True]), (alice, [True, True])):
        audit.record(AuditAction.SYNC_ASKED, organization=inbox.organization, actor=member, target=inbox)
        assert links() == linked
