"""Before a key is removed or disabled: what nobody will look after any more."""

import pytest

from connectors_app.choices import State
from connectors_app.models import ApiKey, Connector, Sighting
from connectors_app.services.api_keys import only_seen_by
from connectors_app.services.organization_keys import disable_key


@pytest.fixture
def alices(with_key, sandbox, alice, bob):
    """Her key; it alone sees "Mine", Bob's sees "Ours" too."""
    sandbox.plant("user_alice", label="Mine")
    sandbox.plant("user_alice", label="Ours", share_with_org=True)
    with_key(bob)
    return with_key(alice).api_key


def labels(api_key):
    return [connector.label for connector in only_seen_by(api_key)]


def test_what_another_key_sees_is_not_lost(alices):
    assert labels(alices) == ["Mine"]


@pytest.mark.parametrize("stop", ["rejected", "disabled", "inactive"])
def test_a_key_that_is_not_used_watches_nothing(alices, bob, stop):
    if stop == "inactive":
        bob.is_active = False
        bob.save()
    else:
        ApiKey.objects.filter(member=bob).update(status=stop)
    assert labels(alices) == ["Mine", "Ours"]


@pytest.mark.parametrize("state", [State.ARCHIVED, State.GONE, State.DELETING])
def test_what_is_over_cannot_be_lost(alices, state):
    Connector.objects.update(state=state)
    assert labels(alices) == []


def test_what_it_names_is_what_shows_as_rejected_afterwards(alices, adam):
    named = set(only_seen_by(alices))
    disable_key(alices, actor=adam)
    assert set(Connector.objects.filter(state=State.KEY_REJECTED)) == named


def test_removing_names_them(alices, alice, signed_in):
    text = signed_in(alice).get("/keys/remove/").text
    assert "No other working key sees this connector." in text
    assert ">Mine</a>" in text
    assert ">Ours</a>" not in text


def test_losing_nothing_is_said_too(alices, alice, signed_in):
    Connector.objects.filter(label="Mine").delete()
    assert "no connector goes unwatched" in signed_in(alice).get("/keys/remove/").text


def test_of_many_the_first_are_named_and_all_counted(alices, alice, adam, make_connector, signed_in):
    many = [make_connector(alice, label=f"Desk {number:02}") for number in range(24)]
    Sighting.objects.bulk_create(Sighting(api_key=alices, connector=each) for each in many)
    text = signed_in(adam).get(f"/keys/{alices.pk}/disable/").text
    assert "these 25 connectors" in text
    assert (">Desk 19</a>" in text, ">Desk 20</a>" in text) == (True, False)
    assert "5 more" in text
    assert "/connectors/?owner=user_alice" in text


def test_names_are_shown_only_to_who_may_see_the_connectors(alices, alice, bob, signed_in):
    """Whose key it is does not make a colleague's private connector theirs to see."""
    Connector.objects.filter(label="Mine").update(bigdata_user_id="user_bob")
    text = signed_in(alice).get("/keys/remove/").text
    assert "this connector" in text
    assert ">Mine</a>" not in text
