"""What each action asks of upstream, and what becomes of those for which there is nothing to do."""

import pytest

from connectors_app.choices import BulkAction, OperationKind
from connectors_app.models import Operation
from connectors_app.services import bulk
from tests.bulk.conftest import begin, begin_syncs, calls, messages_of, work_off

SENDERS = ["research@northbank.example", "jane@desk.example"]


@pytest.fixture
def alice(alice, with_key):
    return with_key(alice)


@pytest.fixture
def inboxes(alice, have):
    def make(*senders: str, count: int = 1):
        return have(
            alice, count, type="email", label="Inbox", description="Mail", config={"allowed_emails": [*senders]}
        )

    return make


def sent(sandbox):
    return [request["body"] for request in sandbox.requests if request["operation"] == "updateConnector"]


def test_only_broker_research_is_asked_for_a_day(alice, have, sandbox):
    work = begin_syncs(alice, have(alice) + have(alice, type="sharepoint", config={}))
    sandbox.clear_requests()
    assert work_off(work) == bulk.Progress(succeeded=2)
    bodies = [request["body"] for request in sandbox.requests]
    assert sorted(map(str, bodies)) == ["{'date_limit': '2026-01-01'}", "{}"]


def test_archiving_archives_and_says_who_asked(alice, have):
    connectors = have(alice, 2)
    assert work_off(begin(alice, BulkAction.ARCHIVE, connectors)) == bulk.Progress(succeeded=2)
    for connector in connectors:
        connector.refresh_from_db()
        assert connector.archived
    assert {(o.kind, o.actor_id) for o in Operation.objects.all()} == {(OperationKind.ARCHIVE, alice.pk)}


def test_what_is_archived_already_is_left_as_it_is(alice, have, sandbox):
    work = begin(alice, BulkAction.ARCHIVE, have(alice, archived=True))
    assert work_off(work) == bulk.Progress(succeeded=1)
    assert calls(sandbox) == {}


def test_a_sender_is_added_and_everything_else_is_sent_as_it_is_upstream(alice, inboxes, sandbox):
    work = begin(alice, BulkAction.ADD_SENDER, inboxes(*SENDERS), sender="new@desk.example")
    assert work_off(work) == bulk.Progress(succeeded=1)
    assert sent(sandbox) == [
        {
            "label": "Inbox",
            "description": "Mail",
            "share_with_org": False,
            "config": {"allowed_emails": [*SENDERS, "new@desk.example"]},
        }
    ]


def test_a_sender_is_removed_whatever_its_case(alice, inboxes, sandbox):
    work = begin(alice, BulkAction.REMOVE_SENDER, inboxes(*SENDERS), sender="JANE@Desk.example")
    assert work_off(work) == bulk.Progress(succeeded=1)
    assert [body["config"]["allowed_emails"] for body in sent(sandbox)] == [SENDERS[:1]]


@pytest.mark.parametrize(
    ("action", "sender"), [(BulkAction.ADD_SENDER, "Jane@desk.example"), (BulkAction.REMOVE_SENDER, "x@y.example")]
)
def test_where_nothing_would_change_nothing_is_sent(alice, inboxes, sandbox, action, sender):
    work = begin(alice, action, inboxes(*SENDERS), sender=sender)
    assert work_off(work) == bulk.Progress(succeeded=1)
    assert messages_of(work) == {"Nothing to change"}
    assert calls(sandbox) == {"getConnector": 1}


def test_the_last_sender_stays(alice, inboxes, sandbox):
    work = begin(alice, BulkAction.REMOVE_SENDER, inboxes("jane@desk.example"), sender="jane@desk.example")
    assert work_off(work) == bulk.Progress(failed=1)
    [message] = messages_of(work)
    assert message.startswith("It is the only allowed sender")
    assert calls(sandbox) == {"getConnector": 1}


@pytest.mark.parametrize("fault", ["500", "malformed", "404"])
def test_an_inbox_that_can_not_be_read_is_not_changed(alice, inboxes, sandbox, fault):
    work = begin(alice, BulkAction.ADD_SENDER, inboxes(*SENDERS), sender="new@desk.example")
    sandbox.fault("getConnector", fault, times=0)
    assert work_off(work) == bulk.Progress(failed=1)
    assert sent(sandbox) == []
    assert "may have been carried out" not in messages_of(work).pop()
