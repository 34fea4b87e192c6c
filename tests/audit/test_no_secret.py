"""No secret gets into the trail, whatever is typed and whatever upstream says."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.test import Client

from connectors_app.choices import AuditAction
from connectors_app.models import AuditEntry, Connector
from connectors_app.sandbox import SandboxServer
from tests.bigdata.servers import Handler, Server
from tests.connectors.changing import BROKER, form_on, plant, url
from tests.connectors.stage import filled, send
from tests.pages.canary import PASSWORD, SESSION_ID, echo, spelled_out
from tests.stored import everything_stored

SECRETS = {"investment_research": {"user_password": PASSWORD}, "sharepoint": {"session_id": SESSION_ID}}
every_kind = pytest.mark.parametrize("kind", SECRETS)


def found() -> list[str]:
    stored = everything_stored()
    return [canary for canary in spelled_out() if canary in stored]


def told() -> set[str]:
    return set(AuditEntry.objects.filter(action=AuditAction.CONNECTOR_CREATED).values_list("result", flat=True))


@every_kind
def test_a_create_and_an_edit_tell_no_secret(desk: Client, sandbox: SandboxServer, kind: str) -> None:
    send(desk, filled(kind, **SECRETS[kind]), kind)
    address = url(Connector.objects.get(), "edit")
    desk.post(address, form_on(desk.get(address), label="New", **SECRETS[kind]))
    assert told() == {"succeeded"}
    assert AuditEntry.objects.filter(action=AuditAction.CONNECTOR_CHANGED).count() == 1
    assert found() == []


@every_kind
@pytest.mark.parametrize("status", [400, 401, 403, 422, 429, 500])
def test_a_refusal_that_repeats_what_it_was_sent_tells_no_secret(
    desk: Client, upstream_at: Callable[[Handler], Server], kind: str, status: int
) -> None:
    upstream_at(lambda connection, request: connection.sendall(echo(status, request)))
    send(desk, filled(kind, **SECRETS[kind]), kind)
    assert told() in ({"failed"}, {"unknown"})
    assert found() == []


@pytest.mark.parametrize("fault", ["reset-after", "429", "malformed"])
def test_replacing_credentials_tells_no_secret(
    desk: Client, sandbox: SandboxServer, alice_with_key: object, fault: str
) -> None:
    broker = plant(sandbox, alice_with_key, **BROKER)
    sandbox.fault("createConnector", fault)
    form = {"operation_id": str(uuid4()), "user_id": "desk-8", "user_password": PASSWORD}
    desk.post(url(broker, "replace"), form)
    [entry] = AuditEntry.objects.filter(action=AuditAction.CONNECTOR_CREATED)
    assert entry.details["replaces"] == str(broker.connector_id)
    assert found() == []


def test_an_exported_list_s_query_is_told_and_no_more_of_the_request(desk: Client, alice_with_key: object) -> None:
    desk.get("/connectors/export.csv?q=desk&api_key=canary-4f1c9", headers={"X-Api-Key": "canary-8a7b2"})
    desk.get("/connectors/new/fax/?api_key=canary-4f1c9")
    assert AuditEntry.objects.filter(action=AuditAction.CONNECTORS_EXPORTED).exists()
    assert found() == []
