"""Changes whose answer was lost: what the connector shows tells how they ended."""

import json

import pytest
from django.utils import timezone

from connectors_app.choices import OperationKind, Outcome, State
from connectors_app.models import Connector, Operation, Sighting
from connectors_app.services import polling
from tests.connectors.changing import asked, fresh, opened, plant, url
from tests.polling.conftest import PATH, as_json, connector_json, upstream_answers


@pytest.fixture
def inbox(sandbox, alice_with_key):
    return plant(sandbox, alice_with_key)


def lose_the_answer_to(sandbox, desk, connector, page, **fields):
    sandbox.fault("deleteConnector", "reset-after")
    desk.post(url(connector, page), opened(desk, url(connector, page), **fields))
    assert Operation.objects.get().outcome == Outcome.UNKNOWN


def test_a_lost_deletion_of_an_archived_connector_ends_as_gone(desk, inbox, sandbox, alice_with_key):
    desk.post(url(inbox, "archive"), opened(desk, url(inbox, "archive")))
    Operation.objects.all().delete()
    assert fresh(inbox).state == State.ARCHIVED
    lose_the_answer_to(sandbox, desk, inbox, "delete", label=inbox.label, force_delete="on")
    sandbox.advance(60)
    desk.post(url(inbox, "refresh"))
    operation = Operation.objects.get()
    assert operation.outcome == Outcome.SUCCEEDED
    assert (fresh(inbox).state, fresh(inbox).deletion_asked_at) == (State.GONE, operation.created_at)


def test_a_lost_archiving_is_settled_by_a_poll_though_the_list_leaves_it_out(alice_with_key, sandbox, upstream_at):
    sandbox.plant("user_alice", label="Listed")
    polling.poll(alice_with_key.key.pk)
    connector = Connector.objects.get()
    Operation.objects.create(
        organization=alice_with_key.organization,
        actor=alice_with_key,
        key_owner=alice_with_key,
        kind=OperationKind.ARCHIVE,
        connector=connector,
        connector_type=connector.type,
        outcome=Outcome.UNKNOWN,
        finished_at=timezone.now(),
    )
    upstream_at(archived_and_unlisted(connector))
    polling.poll(alice_with_key.key.pk)
    assert Operation.objects.get().outcome == Outcome.SUCCEEDED
    assert fresh(connector).state == State.ARCHIVED
    assert Sighting.objects.exists()


def test_a_lost_deletion_of_an_archived_connector_is_settled_by_a_poll_though_the_list_leaves_it_out(
    desk, inbox, sandbox, alice_with_key, upstream_at
):
    desk.post(url(inbox, "archive"), opened(desk, url(inbox, "archive")))
    Operation.objects.all().delete()
    lose_the_answer_to(sandbox, desk, inbox, "delete", label=inbox.label, force_delete="on")
    upstream_at(upstream_answers({PATH: (200, as_json([]))}))
    polling.poll(alice_with_key.key.pk)
    assert Operation.objects.get().outcome == Outcome.SUCCEEDED
    assert fresh(inbox).state == State.GONE


def archived_and_unlisted(connector):
    """An upstream whose list holds nothing, and which answers for the connector by its id."""
    one = connector_json(connector.connector_id, archived=True, user_id="user_alice")
    answers = {PATH: (200, as_json([])), f"{PATH}/{connector.connector_id}": (200, json.dumps(one))}
    return upstream_answers(answers)


def test_a_failed_form_sent_again_and_double_clicked_saves_once_and_is_no_conflict(desk, inbox, sandbox):
    form = opened(desk, url(inbox, "edit"), label="Renamed")
    sandbox.fault("updateConnector", "429")
    desk.post(url(inbox, "edit"), form)
    assert Operation.objects.get().outcome == Outcome.FAILED
    sandbox.clear_requests()
    for _ in range(2):
        assert desk.post(url(inbox, "edit"), form).status_code == 302
    assert asked(sandbox).count("updateConnector") == 1
    assert fresh(inbox).label == "Renamed"
