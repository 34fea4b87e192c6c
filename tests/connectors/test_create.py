"""Creating a connector by plain form posts: from the type picker to the created page, for every type."""

import json
from collections.abc import Callable

import pytest
from django.test import Client

from connectors_app.choices import Outcome
from connectors_app.connector_types import CONNECTOR_TYPES
from connectors_app.models import ApiKey, Connector, Member
from connectors_app.sandbox import SandboxServer
from tests.bigdata.servers import Server

from .stage import FORMS, filled, only_operation, send, sent_creates, text_of, values_in

CONFIGS = {
    "email": {"allowed_emails": ["ada@desk.example"]},
    "investment_research": {"user_id": "desk-7", "user_password": "•••"},
    "sharepoint": {"session_id": "•••"},
}


def test_the_picker_leads_to_a_form_for_every_type(desk: Client) -> None:
    picker = desk.get("/connectors/new/").content.decode()
    for kind, known in CONNECTOR_TYPES.items():
        assert f'href="/connectors/new/{kind}/"' in picker
        assert known.label in picker
        assert set(FORMS[kind]) <= set(values_in(desk.get(f"/connectors/new/{kind}/")))


@pytest.mark.parametrize("kind", list(CONNECTOR_TYPES))
def test_a_filled_in_form_creates_the_connector(desk: Client, sandbox: SandboxServer, kind: str) -> None:
    page = send(desk, filled(kind, description="From the desk", share_with_org="on"), kind, follow=True)
    connector = Connector.objects.get()
    asked = {"label": FORMS[kind]["label"], "description": "From the desk", "share_with_org": True}
    assert sent_creates(sandbox) == [{**asked, "type": kind, "config": CONFIGS[kind]}]
    assert {name: getattr(connector, name) for name in asked} == asked
    assert page.redirect_chain == [(f"/connectors/{connector.connector_id}/created/", 302)]
    assert "Your connector is created" in text_of(page)


@pytest.mark.parametrize(
    ("kind", "secret"),
    [("investment_research", {"user_password": '  open "sesame" ✓ '}), ("sharepoint", {"session_id": "s-1/+="})],
)
def test_a_secret_arrives_exactly_as_it_was_typed(
    desk: Client, upstream_answers: Callable[..., Server], kind: str, secret: dict[str, str]
) -> None:
    server = upstream_answers(429, {})
    send(desk, filled(kind, **secret), kind)
    [request] = server.requests
    head, _, body = request.partition(b"\r\n\r\n")
    assert b"X-API-KEY: sandbox-alice" in head
    assert secret.items() <= json.loads(body)["config"].items()


def test_sharing_is_off_unless_it_is_ticked(desk: Client, sandbox: SandboxServer) -> None:
    send(desk, filled())
    assert sent_creates(sandbox)[0]["share_with_org"] is False


def test_the_operation_says_who_asked_for_what_and_how_it_went(desk: Client, alice: Member) -> None:
    form = filled()
    send(desk, form)
    operation = only_operation()
    assert str(operation.pk) == form["operation_id"]
    assert (operation.actor, operation.key_owner, operation.outcome) == (alice, alice, Outcome.SUCCEEDED)
    assert operation.connector == Connector.objects.get()
    assert operation.request["config"] == {"allowed_emails": ["ada@desk.example"]}


def test_a_create_tells_who_the_member_is_and_is_looked_at_soon(desk: Client, alice: Member) -> None:
    before = ApiKey.objects.get()
    send(desk, filled())
    alice.refresh_from_db()
    after = ApiKey.objects.get()
    assert alice.bigdata_user_id == "user_alice"
    assert after.last_used_at > before.last_used_at
    assert after.next_poll_at <= Connector.objects.get().first_seen_at + (after.last_used_at - before.last_used_at)


def test_an_unknown_type_has_no_form(desk: Client) -> None:
    assert desk.get("/connectors/new/carrier_pigeon/").status_code == 404
    assert desk.post("/connectors/new/carrier_pigeon/", filled()).status_code == 404


def test_support_may_not_create(
    sam: Member,
    with_key: Callable[[Member], Member],
    signed_in: Callable[[Member], Client],
    sandbox: SandboxServer,
) -> None:
    client = signed_in(with_key(sam))
    answers = [client.get("/connectors/new/"), client.get("/connectors/new/email/"), send(client, filled())]
    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert sent_creates(sandbox) == []
    assert "New connector" not in text_of(client.get("/connectors/"))


def test_without_a_key_the_form_shows_the_way_and_keeps_what_was_typed(
    alice: Member, signed_in: Callable[[Member], Client], sandbox: SandboxServer
) -> None:
    client = signed_in(alice)
    for path in ("/connectors/new/", "/connectors/new/email/"):
        assert f'href="/keys/?confirm=1&amp;next={path}"' in client.get(path).text
    page = send(client, filled(label="Typed already"))
    assert "/keys/?next=/connectors/new/email/" in page.content.decode()
    assert "You have no API key yet" in text_of(page)
    assert values_in(page)["label"] == "Typed already"
    assert sandbox.requests == []


def test_a_key_that_was_rejected_before_is_not_sent(
    desk: Client, alice_with_key: Member, sandbox: SandboxServer
) -> None:
    ApiKey.objects.update(status="rejected")
    page = send(desk, filled())
    assert "Replace it first" in text_of(page)
    assert sandbox.requests == []


def test_a_stored_key_that_cannot_be_read_is_said_so(desk: Client, sandbox: SandboxServer) -> None:
    ApiKey.objects.update(ciphertext="v1:lost:AAAAAAAAAAAAAAAA:AAAA")
    assert "can't be read" in text_of(send(desk, filled()))
    assert sandbox.requests == []


def test_what_a_member_may_not_decide_is_ignored(desk: Client, alice: Member, mallory: Member) -> None:
    forged = {"type": "sharepoint", "owner": mallory.pk, "organization": mallory.organization_id, "role": "admin"}
    send(desk, filled(**forged, actor=mallory.pk, key_owner=mallory.pk))
    connector, operation = Connector.objects.get(), only_operation()
    assert (connector.type, connector.organization) == ("email", alice.organization)
    assert (operation.actor, operation.key_owner, operation.organization) == (alice, alice, alice.organization)


def test_the_form_of_a_broker_says_whose_login_it_wants_and_what_to_call_it(desk: Client) -> None:
    text = text_of(desk.get("/connectors/new/investment_research/"))
    assert "with which you sign in at your broker to read its research, not the one for Bigdata.com." in text
    assert "The broker's name, so that colleagues find it." in text
    assert "The broker's name" not in text_of(desk.get("/connectors/new/email/"))
