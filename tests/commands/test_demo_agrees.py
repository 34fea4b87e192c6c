"""What the demo shows of a connector agrees: states, documents, syncs, and what comes of asking for a sync."""

from datetime import datetime

import pytest
import requests
from django.core.management import call_command

from connectors_app.choices import State
from connectors_app.management.demo import CONNECTORS
from connectors_app.models import Connector, Organization
from connectors_app.services.staleness import limits_of

pytestmark = pytest.mark.django_db
API = "/contents/v1"


@pytest.fixture
def seeded(sandbox, monkeypatch):
    monkeypatch.setenv("DEMO_PASSWORD", "demo password for tests")
    call_command("seed_demo")
    return sandbox


@pytest.fixture
def connectors(seeded):
    found = list(Connector.objects.all())
    assert {each.label for each in found} == {demo.label for demo in CONNECTORS}
    return found


def headers_for(connector):
    return {"X-API-KEY": "sandbox-" + connector.bigdata_user_id.removeprefix("user_")}


def arrivals(sandbox, connector):
    """When each of its documents came, the newest first."""
    found = []
    for page in range(1, 20):
        params = {"connector": str(connector.connector_id), "page": page, "page_size": 100}
        answer = requests.get(
            f"{sandbox.url}{API}/documents", params=params, headers=headers_for(connector), timeout=10
        )
        found += [datetime.fromisoformat(document["created_at"]) for document in answer.json()["results"]]
        if len(found) < page * 100:
            break
    return found


def test_files_are_the_documents_that_the_syncs_brought(seeded, connectors):
    for connector in connectors:
        came = arrivals(seeded, connector)
        runs = list(connector.sync_runs.order_by("at"))
        assert connector.files_count == len(came)
        assert all(connector.created_at <= moment for moment in [*came, *(run.at for run in runs)])
        if connector.last_sync_at is None:
            assert not runs
            continue
        assert sum(run.count for run in runs) == connector.files_count == runs[-1].files_count
        assert max(run.at for run in runs if run.count) == came[0]
        assert (runs[-1].at, runs[-1].count) == (connector.last_sync_at, connector.last_sync_count)


def test_states_are_since_when_they_would_be(seeded, connectors):
    limits = limits_of(Organization.objects.get())
    stale = [each for each in connectors if each.state == State.STALE]
    assert {each.type for each in stale} == {"email", "investment_research"}
    for connector in stale:
        news = connector.last_sync_at or arrivals(seeded, connector)[0]
        assert connector.state_since == connector.stale_at == news + limits[connector.type]
        assert connector.incidents.get().opened_at == connector.state_since
    for connector in connectors:
        assert connector.created_at == connector.first_seen_at <= connector.state_since


def test_what_fails_has_failed_since_the_trouble_began(connectors):
    failing = [each for each in connectors if each.state == State.FAILING]
    assert len(failing) == 3
    for connector in failing:
        good = connector.sync_runs.filter(failed=False).latest("at")
        since = connector.sync_runs.filter(at__gt=good.at).earliest("at").at
        assert connector.failing_since == connector.state_since == connector.incidents.get().opened_at == since
        assert connector.failures_in_a_row == connector.sync_runs.filter(at__gt=good.at).count()
        if "session ended at" in connector.last_sync_error_msg:
            ended = connector.last_sync_error_msg.partition("ended at ")[2].partition(": ")[0]
            assert good.at < datetime.fromisoformat(ended) < since


def test_what_fails_fails_again_for_the_same_cause(seeded, connectors):
    failing = [each for each in connectors if each.state == State.FAILING]
    for connector in failing:
        body = {"date_limit": "2026-01-01"} if connector.type == "investment_research" else {}
        requests.post(
            f"{seeded.url}{API}/connectors/{connector.connector_id}/sync",
            json=body,
            headers=headers_for(connector),
            timeout=10,
        )
    seeded.advance(4)
    call_command("poll", "--once")
    for before in failing:
        after = Connector.objects.get(pk=before.pk)
        assert after.last_sync_at > before.last_sync_at
        assert (after.state, after.failing_since) == (State.FAILING, before.failing_since)
        assert after.failures_in_a_row == before.failures_in_a_row + 1
        assert after.error_group_id == before.error_group_id
