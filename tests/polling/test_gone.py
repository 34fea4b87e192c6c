"""A connector is gone when asking for it by id says so, to every key that saw it. Nothing less tells."""

import json
from uuid import uuid4

import pytest
import requests

from connectors_app.choices import State
from connectors_app.models import Allowance, Connector, Sighting
from connectors_app.services import polling, snapshots
from connectors_app.services.connectors import refresh_connector
from connectors_app.services.upstream import KeyProblem, UpstreamError
from tests.polling.conftest import PATH, as_json, at, connector_data, connector_json, upstream_answers

ID = uuid4()
ONE = f"{PATH}/{ID}"


def delete_for_good(sandbox, connector_id, key="sandbox-alice"):
    url = f"{sandbox.url}{PATH}/{connector_id}?force_delete=true"
    assert requests.delete(url, headers={"X-API-KEY": key}, timeout=5).ok
    sandbox.advance(10)


def state():
    return Connector.objects.get().state


@pytest.fixture
def known(alice, make_key):
    """Alice's key, which has seen one connector."""
    api_key = make_key(alice)
    snapshots.take_list(api_key, [connector_data(ID)], asked_at=at(0))
    return api_key


def test_a_connector_that_was_deleted_elsewhere_is_gone_after_a_round(with_key, sandbox, alice):
    [connector_id] = sandbox.plant("user_alice")
    api_key = with_key(alice).api_key
    delete_for_good(sandbox, connector_id)
    sandbox.clear_requests()
    assert polling.poll(api_key.pk)
    assert state() == State.GONE
    assert [call["operation"] for call in sandbox.requests] == ["listConnectors", "getConnector"]


def test_what_is_gone_is_not_asked_for_again(with_key, sandbox, alice):
    [connector_id] = sandbox.plant("user_alice")
    api_key = with_key(alice).api_key
    delete_for_good(sandbox, connector_id)
    polling.poll(api_key.pk)
    sandbox.clear_requests()
    polling.poll(api_key.pk)
    assert sandbox.counts()["operations"] == {"listConnectors": 1}


def test_what_is_no_longer_shared_is_lost_to_one_and_not_gone(with_key, sandbox, alice, bob):
    [connector_id] = sandbox.plant("user_alice", share_with_org=True)
    alices, bobs = with_key(alice).api_key, with_key(bob).api_key
    fields = {"label": "Mine", "description": "", "share_with_org": False}
    requests.put(
        f"{sandbox.url}{PATH}/{connector_id}", json=fields, headers={"X-API-KEY": "sandbox-alice"}, timeout=5
    ).raise_for_status()
    polling.poll(bobs.pk)
    assert state() == State.HEALTHY
    assert [sighting.api_key for sighting in Sighting.objects.all()] == [alices]


def test_a_shared_connector_is_gone_only_when_no_key_finds_it(with_key, sandbox, alice, bob):
    [connector_id] = sandbox.plant("user_alice", share_with_org=True)
    keys = with_key(alice).api_key, with_key(bob).api_key
    delete_for_good(sandbox, connector_id)
    polling.poll(keys[1].pk)
    assert state() == State.HEALTHY
    polling.poll(keys[0].pk)
    assert state() == State.GONE


def test_what_the_list_leaves_out_but_an_id_still_finds_stays(known, upstream_at):
    found = json.dumps(connector_json(ID, label="Still here"))
    upstream_at(upstream_answers({PATH: (200, as_json([])), ONE: (200, found)}))
    assert polling.poll(known.pk)
    assert (state(), Connector.objects.get().label) == (State.HEALTHY, "Still here")


@pytest.mark.parametrize("status", [400, 403, 429, 500, 503])
def test_trouble_in_asking_by_id_is_no_proof(known, upstream_at, status):
    upstream_at(upstream_answers({PATH: (200, as_json([])), ONE: (status, "{}")}))
    assert not polling.poll(known.pk)
    assert Connector.objects.get().gone_at is None
    assert Sighting.objects.exists()


def test_a_wrong_base_url_declares_nothing_gone(known, upstream_at):
    gateway = '{"message": "Missing Authentication Token"}'
    upstream_at(upstream_answers({PATH: (200, as_json([])), ONE: (404, gateway)}))
    assert not polling.poll(known.pk)
    assert Connector.objects.get().gone_at is None


def test_a_connector_that_answers_in_another_s_name_is_not_taken_in(known, upstream_at):
    other = json.dumps(connector_json(uuid4(), label="Another"))
    upstream_at(upstream_answers({PATH: (200, as_json([])), ONE: (200, other)}))
    assert not polling.poll(known.pk)
    assert Connector.objects.get().label == "Broker feed"


def test_an_archived_connector_may_be_missing_from_the_list(known, upstream_at):
    snapshots.take_list(known, [connector_data(ID, archived=True)], asked_at=at(60))
    server = upstream_at(upstream_answers({PATH: (200, as_json([]))}))
    assert polling.poll(known.pk)
    assert state() == State.ARCHIVED
    assert len(server.requests) == 1


def test_a_round_asks_for_a_bounded_number_by_id(alice, make_key, upstream_at):
    api_key = make_key(alice)
    snapshots.take_list(api_key, [connector_data() for _ in range(30)], asked_at=at(0))
    server = upstream_at(upstream_answers({PATH: (200, as_json([]))}))
    polling.poll(api_key.pk)
    assert len(server.requests) == 21
    Allowance.objects.all().delete()  # Minutes later.
    polling.poll(api_key.pk)
    assert Connector.objects.filter(state=State.GONE).count() == 30


def test_what_turns_up_again_is_not_gone(known):
    snapshots.take_not_found(known, Connector.objects.get(), asked_at=at(60))
    assert (state(), Connector.objects.get().gone_at) == (State.GONE, at(60))
    snapshots.take_list(known, [connector_data(ID)], asked_at=at(120))
    assert (state(), Connector.objects.get().gone_at) == (State.HEALTHY, None)
    assert Sighting.objects.exists()


def test_an_answer_older_than_the_404_brings_nothing_back(known):
    snapshots.take_list(known, [connector_data(ID)], asked_at=at(60))
    snapshots.take_not_found(known, Connector.objects.get(), asked_at=at(120))
    snapshots.take_list(known, [connector_data(ID)], asked_at=at(90))
    assert state() == State.GONE


def test_a_404_older_than_the_last_answer_takes_nothing_away(known):
    snapshots.take_one(known, connector_data(ID), asked_at=at(120))
    snapshots.take_not_found(known, Connector.objects.get(), asked_at=at(60))
    assert state() == State.HEALTHY


def test_the_moment_it_went_is_kept(known):
    for seconds in (60, 120):
        snapshots.take_not_found(known, Connector.objects.get(), asked_at=at(seconds))
    assert Connector.objects.get().gone_at == at(60)


def test_a_refresh_by_hand_finds_out_too(with_key, sandbox, alice):
    [connector_id] = sandbox.plant("user_alice")
    with_key(alice)
    delete_for_good(sandbox, connector_id)
    refresh_connector(Connector.objects.get(), viewer=alice)
    assert state() == State.GONE
    with pytest.raises(KeyProblem):
        refresh_connector(Connector.objects.get(), viewer=alice)


def test_a_refresh_in_trouble_changes_nothing(with_key, sandbox, alice):
    sandbox.plant("user_alice")
    with_key(alice)
    sandbox.fault("getConnector", "500", times=0)
    with pytest.raises(UpstreamError):
        refresh_connector(Connector.objects.get(), viewer=alice)
    assert state() == State.HEALTHY
