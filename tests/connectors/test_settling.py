"""How a lost create is settled by looking among the key's connectors: found, not found, or found late."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from connectors_app.choices import Outcome
from connectors_app.models import ApiKey, Connector, Member, Operation
from connectors_app.sandbox import SandboxServer
from connectors_app.services import operations, polling, snapshots
from connectors_app.services.upstream import calling

from .stage import FORMS, filled, only_operation, send, sent_creates, text_of

INBOX = {"label": "Desk mail", "config": {"allowed_emails": ["ada@desk.example"]}}


def lose(client: Client, sandbox: SandboxServer, *, done: bool, kind: str = "email", times: int = 1) -> None:
    """Send the form; the connection breaks before or after upstream has done it."""
    sandbox.fault("createConnector", "reset-after" if done else "reset-before", times=times)
    for _ in range(times):
        send(client, filled(kind, another="yes"), kind)


def poll() -> None:
    assert polling.poll(ApiKey.objects.get().pk)


def let_time_pass(**duration: float) -> None:
    """Everything that was asked so far was asked that much earlier."""
    for operation in Operation.objects.all():
        operation.created_at -= timedelta(**duration)
        operation.save()


@pytest.mark.parametrize("kind", ["email", "investment_research", "sharepoint"])
def test_the_next_poll_finds_what_was_created(desk: Client, sandbox: SandboxServer, kind: str) -> None:
    lose(desk, sandbox, done=True, kind=kind)
    poll()
    operation = only_operation()
    assert (operation.outcome, operation.connector) == (Outcome.SUCCEEDED, Connector.objects.get())
    assert len(sent_creates(sandbox)) == 1


def test_the_poll_command_settles_it_too(desk: Client, sandbox: SandboxServer) -> None:
    lose(desk, sandbox, done=True)
    call_command("poll", "--once")
    assert only_operation().outcome == Outcome.SUCCEEDED


def test_once_found_every_way_leads_to_what_was_created(desk: Client, sandbox: SandboxServer) -> None:
    lose(desk, sandbox, done=True)
    poll()
    created = f"/connectors/{Connector.objects.get().connector_id}/created/"
    operation = f"/operations/{only_operation().pk}/"
    assert desk.get(operation).url == created
    assert desk.post(f"{operation}check/", follow=True).redirect_chain[-1] == (created, 302)
    by_htmx = desk.post(f"{operation}check/", headers={"HX-Request": "true"})
    assert by_htmx.headers["HX-Redirect"] == created


def test_three_looks_in_vain_are_too_few_while_it_is_fresh(desk: Client, sandbox: SandboxServer) -> None:
    lose(desk, sandbox, done=False)
    for _ in range(5):
        poll()
    assert only_operation().outcome == Outcome.UNKNOWN


def test_half_a_minute_is_too_little_before_three_looks(desk: Client, sandbox: SandboxServer) -> None:
    lose(desk, sandbox, done=False)
    let_time_pass(seconds=31)
    poll()
    poll()
    assert only_operation().outcome == Outcome.UNKNOWN
    poll()
    assert only_operation().outcome == Outcome.FAILED


def test_what_was_not_found_says_so_and_offers_to_try_again(desk: Client, sandbox: SandboxServer) -> None:
    lose(desk, sandbox, done=False)
    let_time_pass(seconds=31)
    for _ in range(3):
        poll()
    page = desk.get(f"/operations/{only_operation().pk}/")
    assert "It was not created" in text_of(page)
    assert "It is safe to try again" in text_of(page)
    assert f"/connectors/new/email/?again={only_operation().pk}" in page.content.decode()
    assert len(sent_creates(sandbox)) == 1


@pytest.mark.parametrize(
    ("passed", "outcome"), [(timedelta(hours=23), "succeeded"), (timedelta(days=2), "failed")]
)
def test_what_turns_up_late_is_still_linked_for_a_day(
    desk: Client, sandbox: SandboxServer, passed: timedelta, outcome: str
) -> None:
    lose(desk, sandbox, done=False)
    let_time_pass(seconds=31)
    for _ in range(3):
        poll()
    sandbox.plant(**INBOX)
    let_time_pass(seconds=passed.total_seconds())
    poll()
    assert only_operation().outcome == outcome


def test_a_process_that_died_in_the_middle_leaves_nothing_open(
    desk: Client, sandbox: SandboxServer, alice: Member
) -> None:
    die_while_creating(alice)
    poll()
    assert only_operation().outcome == Outcome.PENDING  # It may still be at it.
    let_time_pass(seconds=60)
    for _ in range(3):
        poll()
    assert only_operation().outcome == Outcome.FAILED


def test_what_a_process_created_before_it_died_is_found(
    desk: Client, sandbox: SandboxServer, alice: Member
) -> None:
    die_while_creating(alice)
    let_time_pass(seconds=60)
    poll()
    sandbox.plant(**INBOX)
    poll()
    assert only_operation().outcome == Outcome.SUCCEEDED


@pytest.mark.parametrize("found", [0, 1, 2])
def test_of_two_identical_lost_creates_as_many_succeed_as_are_found(
    desk: Client, sandbox: SandboxServer, found: int
) -> None:
    lose(desk, sandbox, done=False, times=2)
    for _ in range(found):
        sandbox.plant(**INBOX)
    let_time_pass(seconds=31)
    for _ in range(3):
        poll()
    assert Operation.objects.filter(outcome=Outcome.SUCCEEDED).count() == found
    assert Operation.objects.filter(outcome=Outcome.FAILED).count() == 2 - found
    linked = Operation.objects.filter(connector__isnull=False).values_list("connector", flat=True)
    assert len(set(linked)) == found


def test_who_still_waits_comes_before_who_was_told_that_it_failed(desk: Client, sandbox: SandboxServer) -> None:
    lose(desk, sandbox, done=False)
    given_up = only_operation()
    let_time_pass(seconds=31)
    for _ in range(3):
        poll()
    lose(desk, sandbox, done=True)
    poll()
    given_up.refresh_from_db()
    assert given_up.outcome == Outcome.FAILED
    assert Operation.objects.exclude(pk=given_up.pk).get().outcome == Outcome.SUCCEEDED


@pytest.mark.parametrize(
    "different",
    [
        {"label": "Desk mail 2"},
        {"description": "Something"},
        {"share_with_org": True},
        {"config": {"allowed_emails": ["ada@desk.example", "bob@desk.example"]}},
        {"type": "sharepoint", "config": {}},
        {"user_id": "user_bob", "share_with_org": True},
    ],
)
def test_another_connector_is_not_taken_for_it(
    desk: Client, sandbox: SandboxServer, different: dict[str, object]
) -> None:
    lose(desk, sandbox, done=False)
    sandbox.plant(**{**INBOX, **different})
    poll()
    assert only_operation().outcome == Outcome.UNKNOWN


def test_the_senders_may_come_back_in_another_order_and_case(desk: Client, sandbox: SandboxServer) -> None:
    sandbox.fault("createConnector", "reset-before")
    send(desk, filled(allowed_emails="Ada@Desk.example, bob@desk.example"))
    sandbox.plant(**{**INBOX, "config": {"allowed_emails": ["bob@desk.example", "ada@desk.example"]}})
    poll()
    assert only_operation().outcome == Outcome.SUCCEEDED


def test_what_was_there_before_is_not_taken_for_it(desk: Client, sandbox: SandboxServer) -> None:
    sandbox.plant(**INBOX)
    poll()
    lose(desk, sandbox, done=False)
    poll()
    assert only_operation().outcome == Outcome.UNKNOWN


def test_what_another_operation_created_is_not_taken_for_it(desk: Client, sandbox: SandboxServer) -> None:
    lose(desk, sandbox, done=False)
    send(desk, filled(another="yes"))
    poll()
    assert sorted(Operation.objects.values_list("outcome", flat=True)) == ["succeeded", "unknown"]


def test_a_list_that_was_under_way_during_the_create_does_not_hide_it(
    desk: Client, sandbox: SandboxServer
) -> None:
    before = timezone.now()
    lose(desk, sandbox, done=True)
    api_key = ApiKey.objects.get()
    with calling(api_key) as client:
        snapshots.take_list(api_key, client.list_connectors(), asked_at=before)
    poll()
    assert only_operation().outcome == Outcome.SUCCEEDED


def test_a_list_that_was_asked_for_before_the_answer_was_lost_is_no_look(
    desk: Client, sandbox: SandboxServer
) -> None:
    before = timezone.now()
    lose(desk, sandbox, done=False)
    operations.settle_lost_creates(ApiKey.objects.get(), [], asked_at=before)
    assert only_operation().looks == 0


def die_while_creating(member: Member) -> None:
    """What is left of a create whose process was killed between the sending and the answer."""
    request = {"label": "Desk mail", "description": "", "share_with_org": False}
    request |= {"config": {"allowed_emails": [FORMS["email"]["allowed_emails"]]}}
    Operation.objects.create(
        organization=member.organization,
        actor=member,
        key_owner=member,
        kind="create",
        connector_type="email",
        request=request,
    )
