"""Every change of a connector is told once, when it is known how it ended."""

from collections.abc import Callable
from datetime import timedelta
from unittest.mock import ANY

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from connectors_app.choices import AuditAction, Outcome
from connectors_app.models import ApiKey, AuditEntry, Connector, Member, Operation
from connectors_app.sandbox import SandboxServer
from connectors_app.services import outcomes, polling
from connectors_app.services.connectors import refresh_connector
from tests.connectors.changing import look, opened, url
from tests.connectors.stage import filled, send

from .conftest import about_connectors, recorded


def test_a_create_names_who_what_and_from_where(desk: Client, alice: Member) -> None:
    send(desk, filled(), REMOTE_ADDR="203.0.113.9")
    [entry] = recorded(AuditAction.CONNECTOR_CREATED)
    connector, operation = Connector.objects.get(), Operation.objects.get()
    assert (entry.actor, entry.key_owner, entry.organization) == (alice, None, alice.organization)
    assert (entry.target_type, entry.target_id) == ("connector", str(connector.connector_id))
    assert (entry.target_name, entry.address, entry.result) == ("Desk mail", "203.0.113.9", "succeeded")
    assert entry.details == {"operation": str(operation.pk)}


def test_an_edit_tells_what_changed_and_from_what(desk: Client, inbox: Connector) -> None:
    changes = {"label": "Better", "allowed_emails": "a@b.example", "share_with_org": "on", "confirmed": "1"}
    desk.post(url(inbox, "edit"), opened(desk, url(inbox, "edit"), **changes))
    [entry] = recorded(AuditAction.CONNECTOR_CHANGED)
    assert entry.details["changes"] == {
        "label": ["Desk mail", "Better"],
        "share_with_org": [False, True],
        "allowed_emails": [["research@northbank.example"], ["a@b.example"]],
    }


@pytest.mark.parametrize("page", ["archive", "delete"])
def test_archiving_and_deleting_are_told(desk: Client, inbox: Connector, page: str) -> None:
    desk.post(url(inbox, page), opened(desk, url(inbox, page), label=inbox.label, force_delete="on"))
    assert about_connectors() == [(f"connectors.{page}", "succeeded")]


def test_with_whose_key_is_told_where_it_is_another_s(
    inbox: Connector, alice: Member, adam: Member, signed_in: Callable[[Member], Client]
) -> None:
    client = signed_in(adam)
    client.post(url(inbox, "archive"), opened(client, url(inbox, "archive")))
    [entry] = recorded(AuditAction.CONNECTOR_ARCHIVED)
    assert (entry.actor, entry.key_owner, entry.actor_role) == (adam, alice, "admin")


def test_a_refused_create_is_told_by_its_label_with_the_reason(desk: Client, sandbox: SandboxServer) -> None:
    sandbox.fault("createConnector", "429")
    send(desk, filled(label="Never made"))
    [entry] = recorded(AuditAction.CONNECTOR_CREATED)
    assert (entry.result, entry.target_id, entry.target_name) == ("failed", "", "Never made")
    assert entry.details["message"] == Operation.objects.get().message != ""


def test_a_double_click_and_a_reload_are_told_once(desk: Client, inbox: Connector) -> None:
    form = opened(desk, url(inbox, "archive"))
    for _ in range(3):
        desk.post(url(inbox, "archive"), form)
    assert about_connectors() == [("connectors.archive", "succeeded")]


def lose(desk: Client, sandbox: SandboxServer) -> Operation:
    sandbox.fault("createConnector", "reset-after")
    send(desk, filled())
    return Operation.objects.get()


def test_a_lost_answer_is_told_and_later_how_it_ended(desk: Client, sandbox: SandboxServer) -> None:
    lose(desk, sandbox)
    assert about_connectors() == [("connectors.create", "unknown")]
    for _ in range(2):
        polling.poll(ApiKey.objects.get().pk)
    assert about_connectors() == [("connectors.create", "unknown"), ("connectors.create", "succeeded")]
    assert recorded(AuditAction.CONNECTOR_CREATED)[1].target_name == "Desk mail"


def test_what_stays_unknown_is_told_no_second_time(desk: Client, sandbox: SandboxServer) -> None:
    sandbox.fault("createConnector", "reset-before")
    send(desk, filled())
    for _ in range(5):
        polling.poll(ApiKey.objects.get().pk)
    assert about_connectors() == [("connectors.create", "unknown")]
    Operation.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    for _ in range(2):
        polling.poll(ApiKey.objects.get().pk)
    assert about_connectors() == [("connectors.create", "unknown"), ("connectors.create", "failed")]


def test_a_process_that_died_is_told_as_a_lost_answer(desk: Client, alice_with_key: Member) -> None:
    send(desk, filled())
    Connector.objects.all().delete()
    Operation.objects.update(outcome=Outcome.PENDING, finished_at=None, request={"label": "Another"})
    Operation.objects.update(created_at=timezone.now() - timedelta(seconds=51))
    look(alice_with_key)
    assert about_connectors()[1:] == [("connectors.create", "unknown")]


def test_who_looks_at_a_lost_change_does_not_lend_it_their_address(
    desk: Client, inbox: Connector, sandbox: SandboxServer, adam: Member, signed_in: Callable[[Member], Client]
) -> None:
    sandbox.fault("deleteConnector", "reset-after")
    desk.post(url(inbox, "archive"), opened(desk, url(inbox, "archive")), REMOTE_ADDR="203.0.113.9")
    signed_in(adam).post(url(inbox, "refresh"), REMOTE_ADDR="198.51.100.1")
    entries = recorded(AuditAction.CONNECTOR_ARCHIVED)
    assert [(entry.result, entry.address) for entry in entries] == [
        ("unknown", "203.0.113.9"),
        ("succeeded", None),
    ]
    assert {entry.actor_name for entry in entries} == {"alice@example.com"}


def test_who_looks_for_a_lost_create_does_not_lend_it_their_address(desk: Client, sandbox: SandboxServer) -> None:
    operation = lose(desk, sandbox)
    desk.post(f"/operations/{operation.pk}/check/", REMOTE_ADDR="198.51.100.1")
    assert [entry.address for entry in recorded(AuditAction.CONNECTOR_CREATED)] == ["127.0.0.1", None]


def test_two_who_settle_the_same_operation_tell_it_once(desk: Client, sandbox: SandboxServer) -> None:
    operation = lose(desk, sandbox)
    stale = [Operation.objects.get(pk=operation.pk) for _ in range(2)]
    for each in stale:
        outcomes.finish(each, Outcome.FAILED, "Not there")
    assert about_connectors() == [("connectors.create", "unknown"), ("connectors.create", "failed")]


def test_what_is_rolled_back_is_not_told(desk: Client, sandbox: SandboxServer) -> None:
    operation = lose(desk, sandbox)
    with transaction.atomic():
        outcomes.finish(operation, Outcome.FAILED, "Not there")
        transaction.set_rollback(True)
    assert Operation.objects.get().outcome == Outcome.UNKNOWN
    assert about_connectors() == [("connectors.create", "unknown")]


def test_the_trail_is_told_last_of_all(desk: Client, sandbox: SandboxServer) -> None:
    operation = lose(desk, sandbox)
    with outcomes.ending():
        outcomes.finish(operation, Outcome.FAILED, "Not there")
        assert len(about_connectors()) == 1
    assert len(about_connectors()) == 2


def test_looking_at_a_connector_is_not_told(inbox: Connector, alice_with_key: Member) -> None:
    before = AuditEntry.objects.count()
    refresh_connector(inbox, viewer=alice_with_key)
    assert AuditEntry.objects.count() == before


def test_a_sync_tells_from_which_day_on(desk: Client, sandbox: SandboxServer, alice_with_key: Member) -> None:
    [connector_id] = sandbox.plant("user_alice", type="investment_research", label="Feed")
    look(alice_with_key)
    address = f"/connectors/{connector_id}/sync/"
    desk.post(address, opened(desk, address, date_limit="2026-01-02"))
    [entry] = recorded(AuditAction.SYNC_ASKED)
    assert entry.details == {"operation": ANY, "date_limit": "2026-01-02"}
