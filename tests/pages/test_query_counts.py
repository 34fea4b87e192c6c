"""How often a page asks the database: the same whatever there is to show."""

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from connectors_app.models import ApiKey, Connector, Member

MOST = {"/connectors/": 6, "/connectors/?page=2": 6, "/": 8, "/?mine=1": 8, "/errors/": 6}


@pytest.fixture(params=[3, 60])
def connectors(
    request: pytest.FixtureRequest, desk: Client, make_connectors: Callable[..., list[Connector]]
) -> list[Connector]:
    return make_connectors(request.param, last_sync_error_msg="Login refused")


@pytest.mark.parametrize("has_key", [True, False])
@pytest.mark.parametrize("url", MOST)
def test_lists_ask_a_fixed_number_of_times(
    desk: Client,
    connectors: list[Connector],
    django_assert_max_num_queries: DjangoAssertNumQueries,
    url: str,
    has_key: bool,
) -> None:
    if not has_key:
        ApiKey.objects.all().delete()
    with django_assert_max_num_queries(MOST[url]):
        assert desk.get(url).status_code == 200


@pytest.mark.parametrize("known", [True, False])
def test_a_connectors_page_asks_a_fixed_number_of_times(
    desk: Client,
    connectors: list[Connector],
    django_assert_max_num_queries: DjangoAssertNumQueries,
    known: bool,
) -> None:
    """Also where it is not known who the viewer is at Bigdata.com, and so whether the connector is theirs."""
    Member.objects.update(bigdata_user_id="user_alice" if known else "")
    Connector.objects.update(share_with_org=True, type="investment_research", bigdata_user_id="user_of_somebody")
    with django_assert_max_num_queries(8):
        assert desk.get(f"/connectors/{connectors[0].connector_id}/").status_code == 200


@pytest.mark.parametrize("url", ["/", "/?mine=1"])
def test_the_overview_of_an_admin_alone_asks_no_more_often(
    adam: Member,
    with_key: Callable[[Member], Member],
    signed_in: Callable[[Member], Client],
    make_connectors: Callable[..., list[Connector]],
    django_assert_max_num_queries: DjangoAssertNumQueries,
    url: str,
) -> None:
    """They are told to invite somebody, and of keys in need, beside all that others read."""
    client = signed_in(with_key(adam))
    make_connectors(3, last_sync_error_msg="Login refused")
    Connector.objects.update(state="failing", bigdata_user_id="user_adam")
    Member.objects.update(bigdata_user_id="user_adam")
    Member.objects.exclude(pk=adam.pk).update(is_active=False)
    with django_assert_max_num_queries(8):
        assert "Invite" in client.get(url).text


def test_an_empty_list_asks_no_more_often(
    desk: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(6):
        desk.get("/connectors/")
