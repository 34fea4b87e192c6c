"""One form is one connector: double click, reload, back button, and two clicks at the very same time."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from connectors_app.choices import Outcome
from connectors_app.models import Connector, Member, Operation
from connectors_app.sandbox import SandboxServer
from tests.bigdata.servers import Server

from .stage import filled, only_operation, send, sent_creates, text_of, values_in, warning_on


def test_a_double_click_creates_one_connector(desk: Client, sandbox: SandboxServer) -> None:
    form = filled()
    first, second = send(desk, form), send(desk, form)
    assert first.url == second.url == f"/connectors/{Connector.objects.get().connector_id}/created/"
    assert len(sent_creates(sandbox)) == 1


def test_a_reload_of_the_created_page_sends_nothing(desk: Client, sandbox: SandboxServer) -> None:
    created = send(desk, filled()).url
    assert [desk.get(created).status_code for _ in range(2)] == [200, 200]
    assert len(sent_creates(sandbox)) == 1


def test_the_form_brought_back_after_success_leads_to_what_was_created(
    desk: Client, sandbox: SandboxServer
) -> None:
    form = filled()
    send(desk, form)
    page = send(desk, {**form, "label": "Another name"}, follow=True)
    assert "Desk mail" in text_of(page)
    assert len(sent_creates(sandbox)) == 1


def test_the_form_brought_back_after_a_refusal_is_one_new_operation(desk: Client, sandbox: SandboxServer) -> None:
    form = filled()
    sandbox.fault("createConnector", "429")
    send(desk, form)
    corrected = {**form, "label": "Corrected"}
    assert send(desk, corrected).url == send(desk, corrected).url
    assert [body["label"] for body in sent_creates(sandbox)] == ["Desk mail", "Corrected"]
    assert Operation.objects.count() == 2
    assert Connector.objects.get().label == "Corrected"


def test_after_two_refusals_the_same_form_still_works(desk: Client, sandbox: SandboxServer) -> None:
    form = filled()
    sandbox.fault("createConnector", "429", times=2)
    for _ in range(4):
        send(desk, form)
    assert len(sent_creates(sandbox)) == 3
    assert Connector.objects.count() == 1


def test_a_second_form_with_the_label_of_one_just_created_is_asked_about(
    desk: Client, sandbox: SandboxServer
) -> None:
    send(desk, filled())
    form = filled(description="Changed meanwhile")
    page = send(desk, form)
    assert "You created Desk mail" in warning_on(page)
    assert f'href="/connectors/{Connector.objects.get().connector_id}/"' in page.content.decode()
    shown = values_in(page)
    assert shown["another"]
    assert (shown["operation_id"], shown["description"]) == (form["operation_id"], "Changed meanwhile")
    assert len(sent_creates(sandbox)) == 1


def test_who_wants_another_of_that_label_gets_it_once(desk: Client) -> None:
    send(desk, filled())
    form = filled(another="yes")
    assert send(desk, form).url == send(desk, form).url
    assert Connector.objects.count() == 2


def test_a_form_whose_create_got_no_answer_yet_is_asked_about_too(desk: Client, sandbox: SandboxServer) -> None:
    form = filled()
    sandbox.fault("createConnector", "reset-after")
    send(desk, form)
    page = send(desk, filled())
    assert "not known yet" in warning_on(page)
    assert f'href="/operations/{form["operation_id"]}/"' in page.content.decode()
    assert len(sent_creates(sandbox)) == 1


@pytest.mark.parametrize(
    ("kind", "label"), [("email", "Desk Mail"), ("email", "Desk mail 2"), ("sharepoint", "Desk mail")]
)
def test_another_label_or_type_is_not_asked_about(desk: Client, kind: str, label: str) -> None:
    send(desk, filled())
    send(desk, filled(kind, label=label), kind)
    assert Connector.objects.count() == 2


def test_what_was_created_a_while_ago_is_not_asked_about(desk: Client) -> None:
    send(desk, filled())
    Operation.objects.update(created_at=timezone.now() - timedelta(minutes=11))
    send(desk, filled())
    assert Connector.objects.count() == 2


def test_after_a_failure_the_form_opened_anew_is_not_asked_about(desk: Client, sandbox: SandboxServer) -> None:
    sandbox.fault("createConnector", "429")
    send(desk, filled())
    send(desk, filled())
    assert Connector.objects.count() == 1


def test_what_a_colleague_created_is_not_asked_about(
    desk: Client,
    bob: Member,
    with_key: Callable[[Member], Member],
    signed_in: Callable[[Member], Client],
) -> None:
    send(signed_in(with_key(bob)), filled())
    send(desk, filled())
    assert Connector.objects.count() == 2


@pytest.mark.parametrize("operation_id", ["", "nonsense", "0"])
def test_a_form_without_a_readable_id_still_creates(desk: Client, operation_id: str) -> None:
    send(desk, filled(operation_id=operation_id))
    assert Connector.objects.count() == 1


def test_a_form_that_was_not_valid_keeps_its_id(desk: Client) -> None:
    form = filled(label="")
    assert form["operation_id"] in send(desk, form).content.decode()


def test_every_fresh_form_has_an_id_of_its_own(desk: Client) -> None:
    first, second = (desk.get("/connectors/new/email/").context["operation_id"] for _ in range(2))
    assert first != second


def test_somebody_elses_operation_id_is_not_found_and_changes_nothing(
    desk: Client,
    bob: Member,
    with_key: Callable[[Member], Member],
    signed_in: Callable[[Member], Client],
    sandbox: SandboxServer,
) -> None:
    form = filled()
    send(desk, form)
    bobs = signed_in(with_key(bob))
    assert send(bobs, form).status_code == 404
    for path in ("", "check/", "choose/"):
        url = f"/operations/{form['operation_id']}/{path}"
        assert (bobs.post(url, {"candidate": "none"}) if path else bobs.get(url)).status_code == 404
    assert bobs.get(f"/connectors/new/email/?again={form['operation_id']}").status_code == 404
    assert len(sent_creates(sandbox)) == 1
    assert only_operation().outcome == Outcome.SUCCEEDED


@pytest.mark.usefixtures("database_for_threads")
def test_a_second_click_while_the_first_is_under_way_is_not_sent(
    desk: Client,
    alice: Member,
    signed_in: Callable[[Member], Client],
    upstream_at: Callable[..., Server],
    settings: Settings,
) -> None:
    """The first is held at upstream until the second has been answered."""
    arrived, answered = threading.Event(), threading.Event()
    server = upstream_at(lambda *_: arrived.set() or answered.wait(10))
    settings.BIGDATA_TOTAL_TIMEOUT = 20.0
    form, other_tab = filled(), signed_in(alice)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(in_a_thread, desk, form)
        assert arrived.wait(10)
        second = send(other_tab, form, follow=True)
        answered.set()
        assert first.result() == f"/operations/{form['operation_id']}/"
    assert "has not answered yet" in text_of(second)
    assert len(server.requests) == 1


@pytest.mark.usefixtures("database_for_threads")
def test_clicks_at_the_very_same_time_create_one_connector(
    alice_with_key: Member, signed_in: Callable[[Member], Client], sandbox: SandboxServer
) -> None:
    form = filled(operation_id=str(uuid4()))
    clients = [signed_in(alice_with_key) for _ in range(4)]
    together = threading.Barrier(len(clients))

    def click(client: Client) -> str:
        together.wait(10)
        return in_a_thread(client, form)

    with ThreadPoolExecutor(len(clients)) as pool:
        answers = list(pool.map(click, clients))
    created = f"/connectors/{Connector.objects.get().connector_id}/created/"
    assert created in answers
    assert set(answers) <= {created, f"/operations/{form['operation_id']}/"}
    assert len(sent_creates(sandbox)) == Operation.objects.count() == 1


def in_a_thread(client: Client, form: dict[str, str]) -> str:
    """Where the form leads; the thread's own database connection is closed."""
    try:
        return str(send(client, form).url)
    finally:
        connection.close()
