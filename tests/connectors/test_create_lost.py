"""A create whose answer was lost: it may have happened, so it is looked for and never sent again."""

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from connectors_app.choices import Outcome
from connectors_app.models import ApiKey, Connector
from connectors_app.sandbox import SandboxServer
from tests.bigdata.servers import Server

from .stage import filled, only_operation, send, sent_creates, text_of

# What came of it upstream: nothing, or the connector.
NOTHING_DONE = ["500", "502-html", "503", "reset-before", "redirect"]
DONE = ["reset-after", "malformed", "truncated", "wrong-type"]


@pytest.fixture
def _impatient(settings: Settings) -> None:
    settings.BIGDATA_READ_TIMEOUT, settings.BIGDATA_TOTAL_TIMEOUT = 0.2, 0.4


def check_now(client: Client) -> str:
    return text_of(client.post(f"/operations/{only_operation().pk}/check/", follow=True))


@pytest.mark.parametrize("fault", NOTHING_DONE + DONE)
def test_the_page_says_we_are_checking(desk: Client, sandbox: SandboxServer, fault: str) -> None:
    sandbox.fault("createConnector", fault)
    page = send(desk, filled(), follow=True)
    assert page.redirect_chain == [(f"/operations/{only_operation().pk}/", 302)]
    assert "We are checking" in text_of(page)
    assert only_operation().message in text_of(page)
    assert 'data-outcome="unknown"' in page.content.decode()


@pytest.mark.parametrize("fault", DONE)
def test_what_was_created_is_found_and_was_sent_once(desk: Client, sandbox: SandboxServer, fault: str) -> None:
    sandbox.fault("createConnector", fault)
    send(desk, filled())
    assert "Your connector is created" in check_now(desk)
    assert only_operation().connector == Connector.objects.get()
    assert len(sent_creates(sandbox)) == 1


@pytest.mark.parametrize("fault", NOTHING_DONE)
def test_what_was_not_created_stays_open_and_is_not_sent_again(
    desk: Client, sandbox: SandboxServer, fault: str
) -> None:
    sandbox.fault("createConnector", fault)
    send(desk, filled())
    assert "We are checking" in check_now(desk)
    assert only_operation().outcome == Outcome.UNKNOWN
    assert len(sent_creates(sandbox)) == 1


@pytest.mark.parametrize("again", ["reload", "double click"])
def test_sending_the_form_again_only_shows_what_is_known(desk: Client, sandbox: SandboxServer, again: str) -> None:
    sandbox.fault("createConnector", "reset-after")
    form = filled()
    send(desk, form)
    page = send(desk, form, follow=again == "reload")
    assert ("We are checking" in text_of(page)) == (again == "reload")
    assert len(sent_creates(sandbox)) == 1


@pytest.mark.usefixtures("_impatient")
def test_an_upstream_at_is_silent_is_not_waited_for_and_what_it_did_is_found(
    desk: Client, sandbox: SandboxServer, upstream_at: Callable[..., Server], settings: Settings
) -> None:
    server = upstream_at(lambda *_: server.over.wait())
    assert "did not answer in time" in text_of(send(desk, filled(), follow=True))
    assert len(server.requests) == 1
    settings.BIGDATA_API_BASE_URL = sandbox.url
    sandbox.plant(label="Desk mail", config={"allowed_emails": ["ada@desk.example"]})
    assert "Your connector is created" in check_now(desk)


@pytest.mark.usefixtures("_impatient")
@pytest.mark.parametrize("part", ["headers", "body"])
def test_an_answer_that_drips_ends_at_the_deadline(desk: Client, sandbox: SandboxServer, part: str) -> None:
    sandbox.fault("createConnector", "drip", part=part, seconds=0.01)
    assert "did not answer in time" in text_of(send(desk, filled(), follow=True))
    assert only_operation().outcome == Outcome.UNKNOWN


def test_an_answer_without_end_is_cut_at_the_cap(desk: Client, sandbox: SandboxServer) -> None:
    sandbox.fault("createConnector", "huge")
    assert "sent more than this dashboard takes in" in text_of(send(desk, filled(), follow=True))


def test_the_key_does_not_follow_a_redirect(
    desk: Client, sandbox: SandboxServer, upstream_at: Callable[..., Server], settings: Settings
) -> None:
    elsewhere = upstream_at(lambda *_: True)
    settings.BIGDATA_API_BASE_URL = sandbox.url
    sandbox.fault("*", "redirect", location=f"{elsewhere.url}/trap", times=0)
    assert "points elsewhere" in text_of(send(desk, filled(), follow=True))
    check_now(desk)
    assert elsewhere.requests == []


def test_looking_says_nothing_new_while_upstream_is_down(desk: Client, sandbox: SandboxServer) -> None:
    sandbox.fault("createConnector", "reset-after")
    send(desk, filled())
    sandbox.fault("listConnectors", "401")
    assert "We are checking" in check_now(desk)
    assert only_operation().looks == 0


def test_a_key_that_no_longer_works_is_not_used_for_looking(desk: Client, sandbox: SandboxServer) -> None:
    sandbox.fault("createConnector", "reset-after")
    send(desk, filled())
    ApiKey.objects.update(status="rejected")
    sandbox.clear_requests()
    assert "We are checking" in check_now(desk)
    assert sandbox.requests == []
