"""The list's order, and its pages: nothing twice, nothing left out."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from connectors_app.models import Connector, Member, Organization
from connectors_app.services.listing import SORTS, ListFilters, apply_filters

from .many import plant, plant_one
from .test_list_filters import found


@pytest.fixture
def client(adam: Member, signed_in: Callable[[Member], Client]) -> Client:
    return signed_in(adam)


def ids(page: Any) -> list[str]:
    return re.findall(r'<tr data-connector-id="([^"]+)"', page.text)


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("per_page", [25, 100])
def test_the_pages_hold_everything_once(
    client: Client, organization: Organization, sort: str, per_page: int
) -> None:
    plant(organization, 230)
    pages = -(-230 // per_page)
    urls = [f"/connectors/?archived=all&sort={sort}&per_page={per_page}&page={n + 1}" for n in range(pages)]
    shown = [each for url in urls for each in ids(client.get(url))]
    wanted = apply_filters(Connector.objects.of(organization), ListFilters(archived="all", sort=sort))
    assert shown == [str(each.connector_id) for each in wanted]
    assert len(set(shown)) == 230


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("files", ["two", "ten", "Unknown"]),
        ("-files", ["ten", "two", "Unknown"]),
        ("label", ["ten", "two", "Unknown"]),
        ("-label", ["Unknown", "two", "ten"]),
        ("created", ["two", "Unknown", "ten"]),
        ("", ["ten", "Unknown", "two"]),
    ],
)
def test_what_has_no_value_comes_last(
    adam: Member, organization: Organization, sort: str, expected: list[str]
) -> None:
    plant_one(organization, label="two", files_count=2)
    plant_one(organization, label="Unknown", files_count=None)
    plant_one(organization, label="ten", files_count=10, created_at="2027-01-01T00:00:00Z")
    assert found(adam, f"sort={sort}") == expected


def test_a_heading_sorts_the_other_way_and_keeps_the_rest(client: Client, organization: Organization) -> None:
    plant_one(organization, share_with_org=True)
    html = client.get("/connectors/?sort=label&shared=1&page=1&bogus=1").text
    [head] = re.findall(r'(?s)<th[^>]*aria-sort="ascending"[^>]*>.*?</th>', html)
    assert 'href="?shared=1&amp;sort=-label#list-results"' in head
    assert "Name" in head


@pytest.mark.parametrize(("per_page", "shown"), [("25", 25), ("100", 63), ("7", 50), ("-1", 50), ("all", 50)])
def test_the_choice_of_rows_per_page(
    client: Client, organization: Organization, per_page: str, shown: int
) -> None:
    plant(organization, 70)
    assert len(ids(client.get(f"/connectors/?per_page={per_page}"))) == shown
