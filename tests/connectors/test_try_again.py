"""After a create that failed, the form comes back filled in, but for the secrets."""

import pytest
from django.test import Client

from connectors_app.models import Connector
from connectors_app.sandbox import SandboxServer
from connectors_app.services.operations import choose

from .stage import filled, only_operation, send, values_in


def give_up(client: Client, sandbox: SandboxServer, kind: str) -> str:
    """A create that is known not to have happened. Returns the address of its form."""
    sandbox.fault("createConnector", "reset-before")
    send(client, filled(kind, description="As\nbefore", share_with_org="on"), kind)
    choose(only_operation(), None)
    page = client.get(f"/operations/{only_operation().pk}/").content.decode()
    return page.partition('<a class="btn btn-primary" href="')[2].partition('"')[0]


def test_senders_are_back_one_per_line(desk: Client, sandbox: SandboxServer) -> None:
    sandbox.fault("createConnector", "reset-before")
    send(desk, filled(allowed_emails="ada@desk.example, Bob <bob@desk.example>"))
    shown = values_in(desk.get(f"/connectors/new/email/?again={only_operation().pk}"))
    assert shown["allowed_emails"] == "ada@desk.example\nbob@desk.example"


@pytest.mark.parametrize(
    ("kind", "kept", "secret"),
    [
        ("email", {"allowed_emails": "ada@desk.example"}, None),
        ("investment_research", {"user_id": "desk-7"}, "user_password"),
        ("sharepoint", {}, "session_id"),
    ],
)
def test_all_that_was_typed_is_back_but_the_secrets(
    desk: Client, sandbox: SandboxServer, kind: str, kept: dict[str, str], secret: str | None
) -> None:
    page = desk.get(give_up(desk, sandbox, kind))
    shown = values_in(page)
    assert kept.items() <= shown.items()
    assert (shown["label"], shown["description"]) == (filled(kind)["label"], "As\nbefore")
    assert "checked" in page.content.decode()
    assert secret is None or shown[secret] == ""


def test_the_form_is_a_new_operation(desk: Client, sandbox: SandboxServer) -> None:
    shown = values_in(desk.get(give_up(desk, sandbox, "email")))
    assert shown["operation_id"] != str(only_operation().pk)
    send(desk, {name: shown[name] for name in ("operation_id", "label", "allowed_emails")})
    assert Connector.objects.count() == 1


@pytest.mark.parametrize("again", ["0b0e6f0e-5d4e-4a6b-9f0e-7a51d3a9c001", "nonsense", "\0"])
def test_what_was_never_asked_cannot_be_tried_again(desk: Client, again: str) -> None:
    assert desk.get("/connectors/new/email/", {"again": again}).status_code == 404


def test_one_type_cannot_be_tried_again_as_another(desk: Client, sandbox: SandboxServer) -> None:
    give_up(desk, sandbox, "email")
    assert desk.get(f"/connectors/new/sharepoint/?again={only_operation().pk}").status_code == 404
