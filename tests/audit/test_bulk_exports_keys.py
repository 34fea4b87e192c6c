"""Bulk work, exports and rejected keys in the trail."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from connectors_app.choices import AuditAction, BulkAction, Outcome
from connectors_app.models import ApiKey, Bulk, Connector, Member
from connectors_app.permissions import may_change
from connectors_app.sandbox import SandboxServer
from connectors_app.services import bulk, bulk_work, polling, upstream
from tests.connectors.changing import plant

from .conftest import about_connectors, recorded


@pytest.fixture
def work(sandbox: SandboxServer, alice_with_key: Member) -> Bulk:
    connectors = [plant(sandbox, alice_with_key, label=f"Desk {n}") for n in range(2)]
    return begin(alice_with_key, connectors)


def begin(actor: Member, connectors: list[Connector], bulk_id: object = None) -> Bulk:
    return bulk.start(
        bulk_id=bulk_id or uuid4(),
        actor=actor,
        action=BulkAction.ADD_SENDER,
        parameters={"sender": "new@bank.example"},
        connectors=connectors,
    )


def test_asking_for_bulk_work_is_one_entry_however_often_the_form_is_sent(work: Bulk, alice: Member) -> None:
    begin(alice, [], work.pk)
    [entry] = recorded(AuditAction.BULK_ASKED)
    assert (entry.actor, entry.target_type, entry.target_id) == (alice, "bulk", str(work.pk))
    assert entry.target_name == "Add a sender"
    assert entry.details == {"action": "add_sender", "sender": "new@bank.example", "count": 2}


def test_each_item_is_told_by_its_operation(work: Bulk) -> None:
    bulk_work.take_turn(work.organization_id, may_change=may_change)
    assert about_connectors() == [("connectors.bulk", "succeeded"), *[("connectors.update", "succeeded")] * 2]
    before, after = recorded(AuditAction.CONNECTOR_CHANGED)[0].details["changes"]["allowed_emails"]
    assert [*before, "new@bank.example"] == after


def test_a_retry_is_told_with_how_many(work: Bulk) -> None:
    work.items.update(outcome=Outcome.FAILED)
    ids = list(work.items.values_list("pk", flat=True))
    assert [bulk.retry(work, ids), bulk.retry(work, ids)] == [2, 0]
    assert [entry.details.get("again") for entry in recorded(AuditAction.BULK_ASKED)] == [None, True]


def test_an_export_tells_how_much_and_of_what(admin: Client, objects: Callable, adam: Member) -> None:
    objects(adam)
    admin.get("/connectors/export.csv?shared=1&sort=label&page=7", REMOTE_ADDR="203.0.113.9")
    [entry] = recorded(AuditAction.CONNECTORS_EXPORTED)
    assert entry.details == {"count": 1, "filters": {"shared": "1", "sort": "label"}}
    assert (entry.actor, entry.address) == (adam, "203.0.113.9")


def test_a_rejected_key_is_told_once_and_by_nobody_here(
    sandbox: SandboxServer, alice_with_key: Member, desk: Client, inbox: Connector
) -> None:
    sandbox.fault("GET", "401", times=0)
    desk.post(f"/connectors/{inbox.connector_id}/refresh/")
    polling.poll(alice_with_key.key.pk)
    upstream.reject(ApiKey.objects.get(), now=timezone.now())
    [entry] = recorded(AuditAction.KEY_REJECTED)
    assert (entry.actor, entry.actor_name, entry.address) == (None, "Bigdata.com", None)
    assert (entry.target_type, entry.target_name) == ("apikey", "alice@example.com")


def test_a_key_replaced_meanwhile_is_not_told_as_rejected(alice_with_key: Member) -> None:
    stale = ApiKey.objects.get()
    ApiKey.objects.update(fingerprint="of another value")
    upstream.reject(stale, now=timezone.now())
    assert recorded(AuditAction.KEY_REJECTED) == []
