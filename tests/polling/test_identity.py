"""Who a member is at Bigdata.com is learned from evidence: there is no "who am I"."""

from uuid import uuid4

import pytest

from connectors_app.models import ApiKey, Member
from connectors_app.permissions import visible_connectors
from connectors_app.services import polling, snapshots
from tests.polling.conftest import at, connector_data

ID = uuid4()


def identity(member):
    return Member.objects.get(pk=member.pk).bigdata_user_id


@pytest.fixture
def take(make_key):
    """Take in a list that a member's key was answered with."""

    def take(member, answer, value=""):
        api_key = ApiKey.objects.filter(member=member).first() or make_key(member, value)
        snapshots.take_list(api_key, answer, asked_at=at(0))

    return take


def test_who_alone_sees_a_private_connector_owns_it(take, alice):
    take(alice, [connector_data(user_id="user_alice")])
    assert identity(alice) == "user_alice"


def test_a_shared_connector_tells_nothing(take, alice):
    take(alice, [connector_data(user_id="user_bob", share_with_org=True)])
    assert identity(alice) == ""


def test_an_empty_list_forgets_nothing(take, alice):
    take(alice, [connector_data(user_id="user_alice")])
    take(alice, [])
    assert identity(alice) == "user_alice"


def test_a_private_connector_that_two_keys_see_tells_nothing(take, alice, bob):
    take(alice, [connector_data(ID, user_id="user_alice")])
    take(bob, [connector_data(ID, user_id="user_alice")])
    assert identity(bob) == ""


def test_private_connectors_of_two_owners_tell_nothing(take, alice):
    take(alice, [connector_data(user_id="user_alice"), connector_data(user_id="user_bob")])
    assert identity(alice) == ""


def test_the_same_key_stored_by_two_members_makes_both_the_same_user(take, alice, bob):
    for member in (alice, bob):
        take(member, [connector_data(ID, user_id="user_alice")], "canary-key-shared-by-two")
    assert identity(alice) == identity(bob) == "user_alice"


def test_another_organization_s_key_is_no_witness(take, alice, mallory):
    take(mallory, [connector_data(ID, user_id="user_alice")])
    take(alice, [connector_data(ID, user_id="user_alice")])
    assert identity(alice) == "user_alice"


def test_newer_evidence_replaces_older(take, alice):
    take(alice, [connector_data(user_id="user_alice")])
    take(alice, [connector_data(user_id="user_alice_renamed")])
    assert identity(alice) == "user_alice_renamed"


def test_one_connector_asked_for_by_id_tells_nothing(alice, make_key):
    snapshots.take_one(make_key(alice), connector_data(user_id="user_bob"), asked_at=at(0))
    assert identity(alice) == ""


def test_owners_see_their_private_connectors_after_a_round(with_key, sandbox, alice, bob):
    with_key(alice)
    sandbox.plant("user_alice", label="Alice's private one")
    polling.poll(ApiKey.objects.get().pk)
    alice.refresh_from_db()
    assert [connector.label for connector in visible_connectors(alice)] == ["Alice's private one"]
    assert not visible_connectors(bob).exists()
