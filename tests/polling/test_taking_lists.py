"""What a list answer does to the snapshots."""

from uuid import uuid4

import pytest

from connectors_app.choices import KeyStatus, State
from connectors_app.models import ApiKey, Connector, Sighting
from connectors_app.services import snapshots
from tests.polling.conftest import at, connector_data

ID = uuid4()


@pytest.fixture
def api_key(alice, make_key):
    return make_key(alice)


def listed():
    return {str(s.connector.connector_id): s.listed for s in Sighting.objects.select_related("connector")}


def test_every_field_of_the_api_is_kept(api_key):
    data = connector_data(ID, label="Désk 📈", share_with_org=True, files_count=None, colour="red")
    snapshots.take_list(api_key, [data], asked_at=at(0))
    kept = Connector.objects.get()
    assert kept.organization == api_key.organization
    assert (kept.connector_id, kept.type, kept.label) == (ID, "investment_research", "Désk 📈")
    assert (kept.share_with_org, kept.archived, kept.config) == (True, False, {"user_id": "desk-7"})
    assert (kept.bigdata_user_id, kept.bigdata_org_id) == ("user_alice", "org_id_001")
    assert (kept.created_at, kept.updated_at) == (data.created_at, data.updated_at)
    assert (kept.files_count, kept.last_sync_count, kept.extra) == (None, 3, {"colour": "red"})
    assert (kept.last_sync_at, kept.last_sync_status, kept.last_sync_error_msg) == (
        data.last_sync_at,
        "SUCCESS",
        "",
    )
    assert kept.refreshed_at == kept.state_since == at(0)


def test_an_unknown_type_and_status_are_kept_as_they_came(api_key):
    data = connector_data(ID, type="fax", last_sync_status="HALF_DONE")
    snapshots.take_list(api_key, [data], asked_at=at(0))
    kept = Connector.objects.get()
    assert (kept.type, kept.last_sync_status, kept.state) == ("fax", "HALF_DONE", State.HEALTHY)


def test_a_newer_list_updates_what_changed(api_key):
    snapshots.take_list(api_key, [connector_data(ID, description="old")], asked_at=at(0))
    snapshots.take_list(api_key, [connector_data(ID, label="New", description=None)], asked_at=at(60))
    kept = Connector.objects.get()
    assert (kept.label, kept.description, kept.refreshed_at) == ("New", "", at(60))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("label", "New"),
        ("share_with_org", True),
        ("archived", True),
        ("config", {}),
        ("files_count", 11),
        ("last_sync_status", "FAILED"),
        ("last_sync_error_msg", "Login refused"),
        ("last_sync_count", 4),
        ("last_sync_at", "2026-03-01T00:00:00Z"),
        ("updated_at", "2026-03-01T00:00:00Z"),
        ("new_field", 1),
        ("user_id", "user_bob"),
    ],
)
def test_a_change_of_one_field_is_seen(api_key, field, value):
    snapshots.take_list(api_key, [connector_data(ID)], asked_at=at(0))
    changed = connector_data(ID, **{field: value})
    snapshots.take_list(api_key, [changed], asked_at=at(60))
    kept = Connector.objects.get()
    stored_as = {"user_id": "bigdata_user_id", "new_field": "extra"}.get(field, field)
    assert getattr(kept, stored_as) == (changed.extra if field == "new_field" else getattr(changed, field))
    assert kept.refreshed_at == at(60)


def test_a_list_without_news_writes_no_snapshot(api_key):
    snapshots.take_list(api_key, [connector_data(ID)], asked_at=at(0))
    snapshots.take_list(api_key, [connector_data(ID)], asked_at=at(60))
    assert Connector.objects.get().refreshed_at == at(0)


def test_an_older_answer_that_arrives_late_changes_nothing(api_key):
    snapshots.take_list(api_key, [connector_data(ID, label="Now")], asked_at=at(60))
    snapshots.take_list(api_key, [connector_data(ID, label="Before", archived=True)], asked_at=at(0))
    kept = Connector.objects.get()
    assert (kept.label, kept.archived, kept.refreshed_at) == ("Now", False, at(60))


def test_an_older_list_hides_nothing_that_was_seen_since(api_key):
    snapshots.take_list(api_key, [connector_data(ID)], asked_at=at(60))
    snapshots.take_list(api_key, [], asked_at=at(0))
    assert listed() == {str(ID): True}


def test_what_a_list_leaves_out_is_unlisted_and_not_gone(api_key):
    other = uuid4()
    snapshots.take_list(api_key, [connector_data(ID), connector_data(other)], asked_at=at(0))
    snapshots.take_list(api_key, [connector_data(other)], asked_at=at(60))
    assert listed() == {str(ID): False, str(other): True}
    assert Connector.objects.get(connector_id=ID).state == State.HEALTHY


def test_a_list_that_shrinks_to_nothing_declares_nothing_gone(api_key):
    snapshots.take_list(api_key, [connector_data() for _ in range(5)], asked_at=at(0))
    snapshots.take_list(api_key, [], asked_at=at(60))
    assert Connector.objects.filter(state=State.HEALTHY, gone_at=None).count() == 5


def test_what_is_listed_again_is_seen_again(api_key):
    for seconds, answer in ((0, [connector_data(ID)]), (60, []), (120, [connector_data(ID)])):
        snapshots.take_list(api_key, answer, asked_at=at(seconds))
    assert listed() == {str(ID): True}
    assert Sighting.objects.get().since == at(120)


def test_one_key_s_list_says_nothing_about_another_key_s(alice, bob, make_key):
    alices, bobs = make_key(alice), make_key(bob)
    for api_key in (alices, bobs):
        snapshots.take_list(api_key, [connector_data(ID, share_with_org=True)], asked_at=at(0))
    snapshots.take_list(bobs, [], asked_at=at(60))
    assert (alices.sightings.get().listed, bobs.sightings.get().listed) == (True, False)
    assert Connector.objects.count() == 1


def test_the_snapshots_come_back_in_the_answer_s_order(api_key):
    ids = [uuid4() for _ in range(3)]
    snapshots.take_list(api_key, [connector_data(ids[1])], asked_at=at(0))
    answer = [connector_data(each) for each in ids]
    assert [c.connector_id for c in snapshots.take_list(api_key, answer, asked_at=at(60))] == ids


def test_a_fresh_answer_frees_a_connector_whose_key_was_rejected(api_key):
    snapshots.take_list(api_key, [connector_data(ID)], asked_at=at(0))
    Connector.objects.update(state=State.KEY_REJECTED)
    snapshots.take_list(api_key, [connector_data(ID)], asked_at=at(60))
    assert (Connector.objects.get().state, Connector.objects.get().state_since) == (State.HEALTHY, at(60))


def test_the_state_s_beginning_is_kept_while_it_lasts(api_key):
    snapshots.take_list(api_key, [connector_data(ID, last_sync_status="FAILED")], asked_at=at(0))
    snapshots.take_list(api_key, [connector_data(ID, last_sync_status="FAILED", label="New")], asked_at=at(60))
    assert (Connector.objects.get().state, Connector.objects.get().state_since) == (State.FAILING, at(0))


def test_the_queries_grow_by_batches_and_not_by_connectors(api_key, django_assert_max_num_queries):
    answer = [connector_data() for _ in range(400)]
    with django_assert_max_num_queries(100):
        snapshots.take_list(api_key, answer, asked_at=at(0))
    assert Sighting.objects.count() == 400


@pytest.mark.parametrize(
    "happens",
    [
        lambda: ApiKey.objects.update(status=KeyStatus.DISABLED),
        lambda: ApiKey.objects.update(verified_at=at(30)),
        lambda: Sighting.objects.update(listed=False),
        lambda: Connector.objects.update(label="Other"),
        lambda: Connector.objects.update(gone_at=at(30)),
        lambda: Connector.objects.update(state=State.KEY_REJECTED),
        lambda: Connector.objects.update(refreshed_at=at(90)),
    ],
)
def test_an_answer_is_old_news_only_while_nothing_else_is_known(api_key, happens):
    answer = [connector_data(ID)]
    snapshots.take_list(api_key, answer, asked_at=at(0))
    assert snapshots.known_already(api_key, answer, asked_at=at(60)) == [Connector.objects.get()]
    happens()
    assert snapshots.known_already(api_key, answer, asked_at=at(60)) is None
