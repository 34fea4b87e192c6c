"""Searching: every word that is typed has to begin a word of the connector."""

import pytest
from django.test import Client

from connectors_app.models import Connector, Member, Organization, SearchTerm

from .many import plant_one
from .test_list_filters import found


@pytest.fixture
def two(organization: Organization) -> Connector:
    plant_one(
        organization,
        label="Équity Research (Europe)",
        type="email",
        description="Morning notes",
        config={"allowed_emails": ["Jane.Doe@big-bank.com"], "email": "a1b2c3@bigdata.com"},
    )
    return plant_one(organization, label="Daily", type="investment_research", config={"user_id": "desk_7"})


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("research", ["Équity Research (Europe)"]),
        ("RES eur", ["Équity Research (Europe)"]),
        ("eur res eur e", ["Équity Research (Europe)"]),
        ("équ", ["Équity Research (Europe)"]),
        ("morning", ["Équity Research (Europe)"]),
        ("jane.doe@big-bank.com", ["Équity Research (Europe)"]),
        ("@big-bank", ["Équity Research (Europe)"]),
        ("a1b2c3@bigdata.com", ["Équity Research (Europe)"]),
        ("desk_7", ["Daily"]),
        ("research daily", []),
        ("esearch", []),
        ("(((", ["Daily", "Équity Research (Europe)"]),
        ("%", ["Daily", "Équity Research (Europe)"]),
        ("r%", ["Équity Research (Europe)"]),
        ("dai\x00ly", []),
    ],
)
def test_a_search_finds(adam: Member, two: Connector, query: str, expected: list[str]) -> None:
    assert found(adam, f"q={query.replace('%', '%25')}&sort=label") == expected


def test_an_id_is_found_by_its_beginning(adam: Member, two: Connector) -> None:
    assert found(adam, f"q={str(two.connector_id)[:8]}") == ["Daily", "Équity Research (Europe)"]


@pytest.mark.parametrize("form", [str, lambda value: value.hex, lambda value: f" {str(value).upper()} "])
def test_a_full_id_finds_exactly_that_connector(adam: Member, two: Connector, form: type[str]) -> None:
    plant_one(two.organization, label="Mentions it", description=f"Follows {two.connector_id}")
    assert found(adam, f"q={form(two.connector_id)}") == ["Daily"]


def test_a_full_id_finds_an_archived_connector_too(adam: Member, two: Connector) -> None:
    Connector.objects.filter(pk=two.pk).update(archived=True)
    assert found(adam, f"q={two.connector_id}") == ["Daily"]
    assert found(adam, "q=daily") == []


def test_nobody_else_s_words_are_found(adam: Member, mallory: Member, two: Connector) -> None:
    theirs = plant_one(mallory.organization, label="Equity of theirs")
    assert found(adam, "q=theirs") == []
    assert found(adam, f"q={theirs.connector_id}") == []
    assert found(mallory, "q=theirs") == ["Equity of theirs"]


def test_a_term_of_another_organization_about_ours_counts_for_nothing(
    adam: Member, mallory: Member, two: Connector
) -> None:
    SearchTerm.objects.create(organization=mallory.organization, connector=two, term="planted")
    assert found(adam, "q=planted") == []


def test_of_very_many_words_the_ten_longest_are_looked_for(adam: Member, two: Connector) -> None:
    ten = [f"lengthy{n}" for n in range(10)]
    plant_one(two.organization, label=" ".join(ten))
    assert found(adam, f"q={'+'.join(['short', *ten])}") == [" ".join(ten)]
    assert found(adam, f"q={'+'.join(['shorter', *ten[1:]])}") == []
    assert found(adam, f"q={'+'.join('abcdefghij' * 500)}") == []


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_a_search_for_a_colleague_offers_theirs(
    adam: Member, bob: Member, two: Connector, signed_in: object, headers: dict[str, str]
) -> None:
    Member.objects.filter(pk=bob.pk).update(bigdata_user_id="user_bob")
    Connector.objects.filter(pk=two.pk).update(bigdata_user_id="user_bob")
    client: Client = signed_in(adam)  # type: ignore[operator]
    offer = '<a href="/connectors/?owner=user_bob">Show the connectors of bob@example.com</a>'
    for query, offered in (
        ("Bob", True),
        ("bob@example.com", True),
        ("@example", False),
        ("example", False),
        ("bob&owner=user_bob", False),
        ("", False),
    ):
        assert (offer in client.get(f"/connectors/?q={query}", headers=headers).text) is offered


def test_the_top_bar_searches_the_list(adam: Member, two: Connector, signed_in: object) -> None:
    client: Client = signed_in(adam)  # type: ignore[operator]
    overview, listing = client.get("/").text, client.get("/connectors/?q=desk_7").text
    assert overview.count('id="search"') == listing.count('id="search"') == 1
    assert 'action="/connectors/#list-results"' in overview
    assert 'value="desk_7"' in listing
