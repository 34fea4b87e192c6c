"""One round: what a key's answer does to what we know, and what trouble leaves untouched."""

import pytest
import requests
from django.db import connection
from django.test.utils import CaptureQueriesContext

from connectors_app.choices import KeyStatus, State
from connectors_app.models import ApiKey, Connector
from connectors_app.services import polling
from connectors_app.services.upstream import reject
from tests.polling.conftest import NOON, PATH, as_json, connector_json, upstream_answers
from tests.stored import everything_stored


@pytest.fixture
def watched(with_key, sandbox, alice):
    """Alice's key, which sees two connectors; and what the sandbox was asked is forgotten."""
    sandbox.plant("user_alice", label="One", description="As it was")
    sandbox.plant("user_alice", label="Two", share_with_org=True)
    with_key(alice)
    sandbox.clear_requests()
    return alice.api_key


def change(sandbox, connector, **fields):
    """Change the connector at the sandbox as its owner could with another tool."""
    url = f"{sandbox.url}{PATH}/{connector.connector_id}"
    answer = requests.put(url, json=fields, headers={"X-API-KEY": "sandbox-alice"}, timeout=5)
    assert answer.ok, answer.text


def test_a_change_made_elsewhere_is_taken_in(watched, sandbox):
    connector = Connector.objects.get(label="One")
    senders = ["new@example.com"]
    change(sandbox, connector, label="Renamed", share_with_org=True, config={"allowed_emails": senders})
    assert polling.poll(watched.pk)
    connector.refresh_from_db()
    assert (connector.label, connector.description, connector.share_with_org) == ("Renamed", "", True)
    assert connector.allowed_emails == senders


def test_a_new_connector_appears(watched, sandbox):
    sandbox.plant("user_alice", label="Three")
    assert polling.poll(watched.pk)
    assert set(Connector.objects.values_list("label", flat=True)) == {"One", "Two", "Three"}


def test_a_failed_sync_and_its_mending_show(watched, sandbox):
    connector = Connector.objects.get(label="One")
    sandbox.sync_result(str(connector.connector_id), now=True, status="FAILED", error="Login refused")
    polling.poll(watched.pk)
    connector.refresh_from_db()
    assert (connector.state, connector.last_sync_error_msg) == (State.FAILING, "Login refused")
    sandbox.advance(60)
    sandbox.sync_result(str(connector.connector_id), now=True, status="SUCCESS", count=7)
    polling.poll(watched.pk)
    connector.refresh_from_db()
    assert (connector.state, connector.last_sync_error_msg, connector.last_sync_count) == ("healthy", "", 7)


def test_one_call_is_one_list(watched, sandbox):
    polling.poll(watched.pk)
    assert sandbox.counts()["operations"] == {"listConnectors": 1}


def test_a_round_without_news_writes_down_its_key_and_waits_for_nobody(watched):
    with CaptureQueriesContext(connection) as asked:
        polling.poll(watched.pk)
    beside_reading = [query["sql"] for query in asked if not query["sql"].startswith("SELECT")]
    assert len(beside_reading) == 1
    assert beside_reading[0].startswith('UPDATE "connectors_app_apikey"')
    assert not [query for query in asked if "FOR UPDATE" in query["sql"]]


def test_a_good_round_is_written_down_with_the_key(watched):
    ApiKey.objects.update(last_polled_at=None, last_used_at=None, last_poll_error="old", answered_by_sandbox=False)
    polling.poll(watched.pk)
    api_key = ApiKey.objects.get()
    assert api_key.last_polled_at == api_key.last_used_at
    assert api_key.last_polled_at is not None
    assert (api_key.last_poll_error, api_key.answered_by_sandbox) == ("", True)


@pytest.mark.parametrize(
    "fault", ["429", "500", "404", "502-html", "503", "reset-before", "malformed", "truncated", "wrong-type",
              "redirect", "drip"],
)  # fmt: skip
def test_an_answer_that_cannot_be_used_changes_no_snapshot(watched, sandbox, settings, fault):
    settings.BIGDATA_TOTAL_TIMEOUT = 0.7
    sandbox.plant("user_alice", label="Three")
    sandbox.fault("listConnectors", fault, times=0)
    before = snapshots()
    assert not polling.poll(watched.pk)
    assert snapshots() == before
    api_key = ApiKey.objects.get()
    assert api_key.last_poll_error != ""
    assert api_key.last_polled_at == watched.last_polled_at
    assert api_key.status == KeyStatus.WORKING


@pytest.mark.parametrize(
    "broken",
    [{"connector_id": "x"}, {"label": None}, {"archived": "no"}, {"created_at": "yesterday"}, {"config": []}],
)
def test_one_malformed_connector_spoils_the_whole_list(watched, upstream_at, broken):
    upstream_at(upstream_answers({PATH: (200, as_json([connector_json(), connector_json(**broken)]))}))
    before = snapshots()
    assert not polling.poll(watched.pk)
    assert snapshots() == before


def test_the_key_is_in_no_note_of_trouble(watched, sandbox, caplog):
    caplog.set_level("DEBUG")
    sandbox.fault("listConnectors", "500", times=0)
    polling.poll(watched.pk)
    assert "sandbox-alice" not in everything_stored() + caplog.text


def test_a_rejected_key_is_not_used_again_and_its_connectors_say_so(watched, sandbox):
    sandbox.fault("listConnectors", "401")
    assert not polling.poll(watched.pk)
    api_key = ApiKey.objects.get()
    assert (api_key.status, api_key.rejected_at is not None) == (KeyStatus.REJECTED, True)
    assert set(Connector.objects.values_list("state", flat=True)) == {State.KEY_REJECTED}
    assert polling.claim_due(now=api_key.next_poll_at) == []


def test_what_a_colleague_s_key_sees_too_is_still_watched(watched, with_key, sandbox, bob):
    with_key(bob)
    sandbox.fault("listConnectors", "401", key="sandbox-alice")
    polling.poll(watched.pk)
    assert dict(Connector.objects.values_list("label", "state")) == {"One": "key_rejected", "Two": "healthy"}


def test_the_old_key_s_late_refusal_does_not_hit_its_successor(watched):
    old, successor = ApiKey.objects.get(), ApiKey.objects.get()
    successor.seal("canary-key-new")
    successor.save()
    reject(old, now=NOON)
    assert ApiKey.objects.get().status == KeyStatus.WORKING


def snapshots():
    lines = everything_stored().split("\n")
    return [line for line in lines if line.startswith(("connectors_app_connector ", "connectors_app_sighting "))]
