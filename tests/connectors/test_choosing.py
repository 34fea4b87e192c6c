"""When several connectors could be the one that was asked for, the person says which, or none."""

from datetime import timedelta

import pytest
from django.test import Client

from connectors_app.choices import Outcome
from connectors_app.models import ApiKey, Connector, Operation
from connectors_app.sandbox import SandboxServer
from connectors_app.services import polling

from .stage import filled, only_operation, send, sent_creates, text_of

INBOX = {"label": "Desk mail", "config": {"allowed_emails": ["ada@desk.example"]}}


@pytest.fixture
def url(desk: Client, sandbox: SandboxServer) -> str:
    """The page of a lost create for which there are two candidates."""
    sandbox.fault("createConnector", "reset-before")
    send(desk, filled())
    sandbox.plant(count=1, **INBOX)
    sandbox.plant(count=1, **INBOX)
    poll()
    return f"/operations/{only_operation().pk}/"


def poll() -> None:
    assert polling.poll(ApiKey.objects.get().pk)


def choose(client: Client, url: str, candidate: object) -> str:
    return text_of(client.post(f"{url}choose/", {"candidate": candidate}, follow=True))


def test_the_page_asks_which_of_them_it_is(desk: Client, url: str) -> None:
    page = desk.get(url)
    assert "Which of these is yours?" in text_of(page)
    for connector in Connector.objects.all():
        assert f'name="candidate" value="{connector.pk}"' in page.content.decode()
    assert only_operation().outcome == Outcome.UNKNOWN


def test_the_chosen_one_is_what_was_created(desk: Client, url: str) -> None:
    chosen = Connector.objects.last()
    assert chosen is not None
    assert "Your connector is created" in choose(desk, url, chosen.pk)
    assert only_operation().connector == chosen
    assert not only_operation().candidates.exists()


def test_none_of_them_means_that_it_was_not_created(desk: Client, url: str, sandbox: SandboxServer) -> None:
    assert "It was not created" in choose(desk, url, "none")
    assert only_operation().outcome == Outcome.FAILED
    assert len(sent_creates(sandbox)) == 1


def test_who_said_none_is_not_asked_again(desk: Client, url: str) -> None:
    choose(desk, url, "none")
    poll()
    assert "It was not created" in text_of(desk.get(url))


@pytest.mark.parametrize("candidate", ["", "nonsense", "0", "99999", "²", "9" * 30])
def test_only_a_candidate_can_be_chosen(desk: Client, url: str, candidate: str) -> None:
    assert desk.post(f"{url}choose/", {"candidate": candidate}).status_code == 404
    assert only_operation().outcome == Outcome.UNKNOWN


def test_another_connector_of_ones_own_is_no_candidate(desk: Client, url: str, sandbox: SandboxServer) -> None:
    sandbox.plant(label="Another")
    poll()
    another = Connector.objects.get(label="Another")
    assert desk.post(f"{url}choose/", {"candidate": another.pk}).status_code == 404


def test_a_choice_that_is_no_longer_open_changes_nothing(desk: Client, url: str) -> None:
    first, second = Connector.objects.order_by("pk")
    choose(desk, url, first.pk)
    choose(desk, url, second.pk)
    choose(desk, url, "none")
    assert (only_operation().outcome, only_operation().connector) == (Outcome.SUCCEEDED, first)


def test_what_was_chosen_for_one_is_no_choice_for_another(desk: Client, sandbox: SandboxServer) -> None:
    sandbox.fault("createConnector", "reset-before", times=2)
    send(desk, filled())
    send(desk, filled(another="yes"))
    for _ in range(3):
        sandbox.plant(**INBOX)
    poll()
    first, second = Operation.objects.order_by("created_at")
    chosen = first.candidates.first()
    assert chosen is not None
    choose(desk, f"/operations/{first.pk}/", chosen.pk)
    assert second.candidates.count() == 2
    assert chosen not in second.candidates.all()


@pytest.mark.parametrize("outcome", [Outcome.PENDING, Outcome.FAILED])
def test_a_choice_that_opens_late_can_be_made(desk: Client, sandbox: SandboxServer, outcome: Outcome) -> None:
    """The process died while creating, or the search had been given up."""
    sandbox.fault("createConnector", "reset-before")
    send(desk, filled())
    operation = only_operation()
    operation.outcome, operation.error_code = outcome, "not_found_after_looking"
    operation.created_at -= timedelta(seconds=60)
    operation.finished_at = None if outcome == Outcome.PENDING else operation.finished_at
    operation.save()
    sandbox.plant(**INBOX)
    sandbox.plant(**INBOX)
    poll()
    assert "Your connector is created" in choose(
        desk, f"/operations/{operation.pk}/", Connector.objects.order_by("pk")[0].pk
    )


def test_candidates_that_no_longer_fit_are_no_longer_offered(
    desk: Client, url: str, sandbox: SandboxServer
) -> None:
    sandbox.reset()
    poll()
    page = desk.get(url)
    assert "We are checking" in text_of(page)
    assert only_operation().looks == 1
