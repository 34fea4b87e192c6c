"""A create that upstream certainly did not carry out: the form says why, and keeps all but the secrets."""

from collections.abc import Callable

import pytest
from django.test import Client

from connectors_app.choices import KeyStatus, Outcome
from connectors_app.models import ApiKey, Connector, Operation
from connectors_app.sandbox import SandboxServer
from tests.bigdata.servers import Server

from .stage import error_at, filled, only_operation, send, sent_creates, text_of, values_in

UPSTREAM_REFUSES_IT = "ada@bücher.example"  # An address to us; the sandbox takes ASCII only.


def test_a_refused_key_is_marked_and_the_same_page_shows_the_way_out(desk: Client, sandbox: SandboxServer) -> None:
    sandbox.fault("createConnector", "401")
    page = send(desk, filled())
    assert ApiKey.objects.get().status == KeyStatus.REJECTED
    assert "no longer accepts your API key" in text_of(page)
    assert '<a class="alert-link" href="/keys/">Replace key</a>' in page.content.decode()
    assert only_operation().outcome == Outcome.FAILED


def test_a_refusal_stands_at_the_field_it_is_about(desk: Client, sandbox: SandboxServer) -> None:
    page = send(desk, filled(allowed_emails=UPSTREAM_REFUSES_IT))
    assert "not an email address" in error_at(page, "allowed_emails")
    assert len(sent_creates(sandbox)) == 1
    assert only_operation().outcome == Outcome.FAILED


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"detail": [{"loc": ["body", "label"], "msg": "is taken"}]}, "label"),
        ({"errors": {"description": ["is taken"]}}, "description"),
        ({"message": "The label is taken"}, "label"),
    ],
)
def test_a_refusal_finds_its_field_however_it_is_told(
    desk: Client, upstream_answers: Callable[..., Server], body: object, field: str
) -> None:
    upstream_answers(400, body)
    assert "is taken" in error_at(send(desk, filled()), field)


def test_a_refusal_about_no_field_stands_above_the_form_once_with_upstreams_words(
    desk: Client, upstream_answers: Callable[..., Server]
) -> None:
    upstream_answers(400, {"message": "You have reached <b>50</b> connectors"})
    page = send(desk, filled(label="Kept"))
    assert text_of(page).count("You have reached <b>50</b> connectors") == 1
    assert text_of(page).count("Bigdata.com refused the values") == 1
    assert page.content.decode().index("refused the values") < page.content.decode().index('name="label"')
    assert values_in(page)["label"] == "Kept"


def test_a_refusal_about_a_field_of_another_form_is_not_lost(
    desk: Client, upstream_answers: Callable[..., Server]
) -> None:
    upstream_answers(400, {"errors": {"session_id": "has expired"}})
    page = send(desk, filled())
    assert "has expired" in text_of(page)
    assert error_at(page, "label") == error_at(page, "allowed_emails") == ""


@pytest.mark.parametrize("fault", ["404", "429"])
def test_what_was_not_carried_out_can_be_sent_again_from_the_same_page(
    desk: Client, sandbox: SandboxServer, fault: str
) -> None:
    sandbox.fault("createConnector", fault)
    page = send(desk, filled(label="Kept"))
    assert only_operation().outcome == Outcome.FAILED
    assert only_operation().message in text_of(page)
    assert not Connector.objects.exists()
    send(desk, {**filled(label="Kept"), "operation_id": values_in(page)["operation_id"]})
    assert Connector.objects.get().label == "Kept"


def test_a_refused_route_is_no_reproach_to_the_key(desk: Client, upstream_answers: Callable[..., Server]) -> None:
    upstream_answers(403, {"message": "Missing Authentication Token"})
    assert "Your API key is not the problem" in text_of(send(desk, filled()))
    assert ApiKey.objects.get().status == KeyStatus.WORKING


@pytest.mark.parametrize("kind", ["investment_research", "sharepoint"])
def test_the_form_comes_back_with_everything_but_the_secrets(
    desk: Client, sandbox: SandboxServer, kind: str
) -> None:
    sandbox.fault("createConnector", "429")
    form = filled(kind, label="Kept “as typed”", description="<b>\nkept", share_with_org="on")
    page = send(desk, form, kind)
    secret = {"investment_research": "user_password", "sharepoint": "session_id"}[kind]
    shown = values_in(page)
    assert {name: shown[name] for name in ("label", "description", secret)} == {
        "label": "Kept “as typed”",
        "description": "<b>\nkept",
        secret: "",
    }
    assert form[secret] not in page.content.decode()
    assert "checked" in page.content.decode()
    assert "please enter yours once more" in text_of(page)


def test_a_mistake_in_one_field_does_not_show_the_secret_of_another(desk: Client) -> None:
    page = send(desk, filled("sharepoint", label=""), "sharepoint")
    assert error_at(page, "label")
    assert "session-4711" not in page.content.decode()


def test_a_corrected_form_is_a_new_operation(desk: Client, sandbox: SandboxServer) -> None:
    page = send(desk, filled(allowed_emails=UPSTREAM_REFUSES_IT))
    corrected = {**filled(), "operation_id": values_in(page)["operation_id"]}
    assert send(desk, corrected).status_code == 302
    assert sorted(Operation.objects.values_list("outcome", flat=True)) == ["failed", "succeeded"]
    assert Connector.objects.count() == 1


def test_nothing_is_sent_while_nothing_listens(desk: Client, settings: object, sandbox: SandboxServer) -> None:
    settings.BIGDATA_API_BASE_URL = "http://127.0.0.1:9"  # type: ignore[attr-defined]
    page = send(desk, filled(label="Kept"))
    assert "could not be reached" in text_of(page)
    assert only_operation().outcome == Outcome.FAILED
    assert values_in(page)["label"] == "Kept"


@pytest.mark.parametrize(("password", "is_asked"), [("s3cret", True), ("", False)])
def test_a_secret_is_asked_for_once_more_only_if_it_was_typed(desk: Client, password: str, is_asked: bool) -> None:
    page = send(desk, filled("investment_research", label="", user_password=password), "investment_research")
    assert ("Secrets are never shown again" in text_of(page)) is is_asked
