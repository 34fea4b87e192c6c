"""Narrowing the list down: what each filter lets through, and what a bad one does (nothing)."""

import pytest
from django.http import QueryDict

from connectors_app.choices import State
from connectors_app.models import Connector, Member, Organization
from connectors_app.permissions import visible_connectors
from connectors_app.services.listing import ListFilters, apply_filters

from .many import START, plant, plant_one


def found(member: Member, query: str = "") -> list[str]:
    """The labels that the query's list holds, in its order."""
    filters = ListFilters.parse(QueryDict(query))
    return [each.label for each in apply_filters(visible_connectors(member), filters)]


@pytest.fixture
def four(organization: Organization) -> None:
    plant_one(organization, label="Inbox", type="email", bigdata_user_id="user_alice", share_with_org=True)
    plant_one(organization, label="Broker", type="investment_research", state="failing", share_with_org=False)
    plant_one(organization, label="Old", type="sharepoint", state="archived", archived=True)
    plant_one(organization, label="Ending", type="sharepoint", state="deleting", archived=True)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"Inbox", "Broker"}),
        ("type=email", {"Inbox"}),
        ("state=failing", {"Broker"}),
        ("owner=user_alice", {"Inbox"}),
        ("owner=nobody", set()),
        ("shared=1", {"Inbox"}),
        ("shared=true", {"Inbox"}),
        ("shared=0", {"Broker"}),
        ("archived=1", {"Old", "Ending"}),
        ("archived=all", {"Inbox", "Broker", "Old", "Ending"}),
        ("state=archived", {"Old"}),
        ("state=deleting", {"Ending"}),
        ("state=archived&archived=0", {"Old"}),
        ("state=failing&archived=1", {"Broker"}),
        ("type=sharepoint&archived=all", {"Old", "Ending"}),
        ("type=email&shared=1&owner=user_alice&q=inb", {"Inbox"}),
    ],
)
def test_a_filter_lets_through(adam: Member, four: None, query: str, expected: set[str]) -> None:
    assert set(found(adam, query)) == expected


def test_what_needs_attention_is_asked_for_in_one_go(adam: Member, organization: Organization) -> None:
    """Not what was deleted here: that it is gone was wanted."""
    for state in State:
        plant_one(organization, label=state.label, state=state, archived=state == State.ARCHIVED)
    asked_at = START
    plant_one(organization, label="Deleted", state=State.GONE, deletion_asked_at=asked_at, gone_at=asked_at)
    assert set(found(adam, "state=attention")) == {"Gone", "Key rejected", "Failing", "Stale"}


def test_what_was_deleted_here_is_left_out_and_what_vanished_is_not(
    adam: Member, organization: Organization
) -> None:
    gone = {"state": State.GONE, "gone_at": START}
    plant_one(organization, label="Vanished", **gone)
    plant_one(organization, label="Deleted", deletion_asked_at=START, **gone)
    plant_one(organization, label="On its way", state=State.DELETING, deletion_asked_at=START)
    assert set(found(adam)) == {"Vanished", "On its way"}
    assert set(found(adam, "q=deleted")) == set()
    for query in ("archived=all", "q=deleted&archived=all", "state=gone"):
        assert "Deleted" in found(adam, query)


BAD = [
    *(
        "type=pdf",
        "type=EMAIL",
        "state=fine",
        "owner=%00",
        f"owner={'x' * 300}",
        "shared=perhaps",
        "archived=maybe",
    ),
    *("sort=password", "sort=-", "sort=--label", "q=", "q=%00", "q=...%20!", "type=email%27--", "nonsense=1"),
]


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_value_is_ignored_and_the_rest_kept(adam: Member, four: None, bad: str) -> None:
    assert found(adam, bad) == found(adam)
    assert found(adam, f"{bad}&owner=user_alice") == ["Inbox"]
    assert not ListFilters.parse(QueryDict(bad)).narrows


def test_what_was_understood_makes_the_same_filters_again() -> None:
    given = QueryDict("q=a+b&type=email&state=stale&owner=u%26v&shared=0&archived=all&sort=label&page=3")
    filters = ListFilters.parse(given)
    assert ListFilters.parse(filters.as_query()) == filters
    assert filters.as_query()["owner"] == "u&v"
    assert ListFilters().as_query() == {}


def test_no_filter_shows_what_the_member_may_not_see(
    alice: Member, mallory: Member, organization: Organization
) -> None:
    plant(organization, 40)
    alice.bigdata_user_id = "user_alice"
    for query in ("archived=all", "owner=user_bob", "shared=0", "q=desk", "sort=files"):
        filters = ListFilters.parse(QueryDict(query))
        for each in apply_filters(visible_connectors(alice), filters):
            assert each.share_with_org or each.bigdata_user_id == "user_alice"
        assert not apply_filters(visible_connectors(mallory), filters).exists()
    assert Connector.objects.count() == 40
