"""Of ten thousand connectors, every search, filter and order is answered from an index."""

import json
import re
from collections.abc import Iterator

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.http import QueryDict

from connectors_app.choices import Role
from connectors_app.models import Member, Organization
from connectors_app.permissions import visible_connectors
from connectors_app.services.listing import SORTS, ListFilters, apply_filters, owners, with_owner_email

from .many import plant

QUERIES = [
    *(
        "",
        "type=email",
        "state=failing",
        "state=archived",
        "state=attention",
        "owner=user_bob",
        "shared=1",
        "shared=0",
    ),
    *("archived=1", "archived=all", "q=equ", "q=equ+desk", "q=sender4711%40bank11.com"),
    *("q=00000000-0000-4000-8000-00003b9aca07", "q=desk&type=email&state=healthy&owner=user_dan&shared=0"),
    *(f"sort={sort}" for sort in SORTS),
    *(f"archived=all&sort={sort}" for sort in SORTS),
    *("q=equ&state=failing&sort=-files", "state=attention&sort=-files", "q=equ&state=attention"),
]
# Orders that an index holds as it is, for those who see all.
SORTED_BY_INDEX = [
    "",
    "type=email",
    "state=failing",
    "state=attention",
    "shared=1",
    "owner=user_bob",
    "archived=1",
]
SORTED_BY_INDEX += [f"archived=all&sort={sort}" for sort in SORTS if not sort.endswith(("files", "last_sync"))]
# PostgreSQL reads an index with the nulls last from one end only, and sorts for the other.
SORTED_BY_INDEX_IN_SQLITE = [
    f"archived=all&sort={sort}" for sort in SORTS if sort.endswith(("files", "last_sync"))
]


@pytest.fixture(scope="module")
def ten_thousand(django_db_setup: None, django_db_blocker: object) -> Iterator[dict[Role, Member]]:
    """Half of them in each of two organizations; one member of each role in the first."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        organizations = [Organization.objects.create(name=f"Large {n}") for n in range(2)]
        for each in organizations:
            plant(each, 5_000)
        members = {role: member(role, organizations[0]) for role in Role}
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        yield members
        Member.objects.filter(organization__in=organizations).delete()
        Organization.objects.filter(pk__in=[each.pk for each in organizations]).delete()


def member(role: Role, organization: Organization) -> Member:
    made = Member.objects.create_member(email=f"{role}@large.example", organization=organization, role=role)
    made.bigdata_user_id = "user_alice"
    made.save()
    return made


def plan(queryset: QuerySet) -> str:  # type: ignore[type-arg]
    """What the database would do, one step a line."""
    if connection.vendor == "sqlite":
        return queryset.explain()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    return json.dumps(json.loads(queryset.explain(format="json")), indent=1)


def walks_the_table(steps: str) -> bool:
    if connection.vendor == "sqlite":
        return bool(re.search(r"SCAN (U0|V0|connectors_app_\w+)(?! USING)|AUTOMATIC", steps))
    return "Seq Scan" in steps


@pytest.mark.parametrize("role", [Role.ADMIN, Role.ANALYST])
@pytest.mark.parametrize("query", QUERIES)
def test_a_page_and_its_count_come_from_an_index(
    ten_thousand: dict[Role, Member], db: None, role: Role, query: str
) -> None:
    connectors = apply_filters(visible_connectors(ten_thousand[role]), ListFilters.parse(QueryDict(query)))
    counted = connectors.order_by().values("organization")
    for asked in (with_owner_email(connectors)[:50], with_owner_email(connectors.reverse())[:50], counted):
        steps = plan(asked)
        assert not walks_the_table(steps), steps


@pytest.mark.parametrize("query", SORTED_BY_INDEX + SORTED_BY_INDEX_IN_SQLITE)
def test_an_admin_s_page_needs_no_sorting(ten_thousand: dict[Role, Member], db: None, query: str) -> None:
    if connection.vendor != "sqlite" and query in SORTED_BY_INDEX_IN_SQLITE:
        pytest.skip("only of SQLite")
    connectors = apply_filters(visible_connectors(ten_thousand[Role.ADMIN]), ListFilters.parse(QueryDict(query)))
    for asked in (connectors[:50], connectors.reverse()[:50]):
        steps = plan(asked)
        assert not re.search(r'TEMP B-TREE|"Node Type": "Sort"', steps), steps


def test_what_needs_attention_is_found_and_counted_from_its_own_index(
    ten_thousand: dict[Role, Member], db: None
) -> None:
    """However few there are: elsewhere one would walk over all of the others to find the last of them."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL chooses by how many there are")
    connectors = apply_filters(visible_connectors(ten_thousand[Role.ADMIN]), ListFilters(state="attention"))
    for asked in (connectors[:50], connectors.order_by().values("organization")):
        assert "connector_attention" in plan(asked)


@pytest.mark.parametrize("role", [Role.ADMIN, Role.ANALYST])
def test_a_search_starts_from_the_words(ten_thousand: dict[Role, Member], db: None, role: Role) -> None:
    connectors = apply_filters(visible_connectors(ten_thousand[role]), ListFilters(q="sender4711"))
    steps = plan(connectors[:50])
    assert re.search(r"search_term|search_term_once", steps), steps
    if connection.vendor == "sqlite":
        assert "USING COVERING INDEX search_term (organization_id=? AND term>? AND term<?)" in steps


def test_a_walk_over_the_table_would_be_noticed(ten_thousand: dict[Role, Member], db: None) -> None:
    everything = visible_connectors(ten_thousand[Role.ADMIN])
    unindexed = type(everything)(everything.model).filter(description__contains="x")
    assert walks_the_table(plan(unindexed))


@pytest.mark.parametrize("role", [Role.ADMIN, Role.ANALYST])
def test_the_owners_come_from_an_index(ten_thousand: dict[Role, Member], db: None, role: Role) -> None:
    viewer = ten_thousand[role]
    assert owners(visible_connectors(viewer), viewer)[0] == ("user_alice", f"Mine ({viewer.email})")
