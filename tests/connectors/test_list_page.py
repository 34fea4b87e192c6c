"""The list's page: how many match, what to do when none does, selecting rows, and what htmx gets."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from connectors_app.models import Member, Organization
from connectors_app.permissions import visible_connectors
from connectors_app.services.listing import ListFilters, apply_filters

from .many import plant, plant_one
from .stage import text_of


@pytest.fixture
def client(adam: Member, signed_in: Callable[[Member], Client]) -> Client:
    return signed_in(adam)


def test_the_page_says_how_many_match(client: Client, organization: Organization) -> None:
    plant(organization, 30)
    assert "27 connectors " in text_of(client.get("/connectors/"))
    assert "Clear the filters" not in text_of(client.get("/connectors/?sort=label"))
    assert "9 connectors match Clear the filters" in text_of(client.get("/connectors/?type=email"))
    assert "1 connector matches Clear" in text_of(client.get("/connectors/?q=sender27"))


def test_an_inbox_has_its_newest_mail_where_others_have_their_last_sync(
    client: Client, organization: Organization
) -> None:
    inbox = {"type": "email", "last_sync_at": None, "newest_document_at": timezone.now() - timedelta(minutes=3)}
    plant_one(organization, **inbox)
    assert "Mail 3 min ago" in text_of(client.get("/connectors/"))


def test_none_match_is_another_page_than_none_yet(client: Client, organization: Organization) -> None:
    assert "Add your API key first" in text_of(client.get("/connectors/?q=nothing"))
    plant_one(organization)
    page = client.get("/connectors/?q=nothing&type=email")
    assert "No connectors match" in text_of(page)
    assert '<a class="btn " href="/connectors/">Clear the filters</a>' in re.sub(r"\s+", " ", page.text)
    assert 'value="nothing"' in page.text


def test_only_archived_ones_are_pointed_to(client: Client, organization: Organization) -> None:
    plant_one(organization, archived=True)
    page = client.get("/connectors/")
    assert "No connectors in use" in text_of(page)
    assert 'href="/connectors/?archived=1"' in page.text


def test_where_only_archived_ones_match_they_are_counted(
    client: Client, organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant_one(organization, label="Desk mail")
    plant_one(organization, label="Deal room", archived=True)
    page = client.get("/connectors/?q=deal+room&sort=label")
    assert "None that are in use, but 1 archived connector matches." in text_of(page)
    assert 'href="/connectors/?q=deal+room&amp;sort=label&amp;archived=1"' in page.text
    plant_one(organization, label="Deal room 2", archived=True)
    assert "but 2 archived connectors match." in text_of(client.get("/connectors/?q=deal+room"))
    monkeypatch.setattr("connectors_app.views.connector_list._MOST_ARCHIVED", 1)
    assert "but more than 1 archived connectors match." in text_of(client.get("/connectors/?q=deal+room"))
    for query in ("q=desk", "q=zebra", "q=deal+room&archived=1"):
        assert "None that are in use" not in text_of(client.get(f"/connectors/?{query}"))


def test_without_a_key_the_first_step_is_one(
    client: Client, organization: Organization, adam: Member, with_key: Callable[[Member], Member]
) -> None:
    plant_one(organization)
    page = client.get("/connectors/").text
    assert "You have no API key yet" in page
    assert 'class="btn btn-primary" href="/connectors/new/"' not in page
    with_key(adam)
    page = client.get("/connectors/").text
    assert "You have no API key yet" not in page
    assert 'class="btn btn-primary" href="/connectors/new/"' in page


def test_the_filters_show_what_was_asked_for(client: Client, organization: Organization) -> None:
    plant(organization, 20)
    html = client.get("/connectors/?state=failing&type=pdf&owner=user_dan&q=a").text
    assert re.findall(r'<option value="([^"]+)" selected>', html) == ["failing", "user_dan", "-created"]


def test_owners_are_offered_by_name(
    client: Client, organization: Organization, bob: Member, alice: Member
) -> None:
    Member.objects.filter(pk=bob.pk).update(bigdata_user_id="user_bob")
    Member.objects.filter(pk=alice.pk).update(bigdata_user_id="user_without_connectors")
    plant_one(organization, bigdata_user_id="user_bob", label="Bobs")
    html = client.get("/connectors/").text
    assert '<option value="user_bob">bob@example.com</option>' in html
    assert "alice@example.com" not in html


def test_an_analyst_is_not_told_who_has_private_connectors(
    alice: Member, bob: Member, organization: Organization, signed_in: Callable[[Member], Client]
) -> None:
    Member.objects.filter(pk=bob.pk).update(bigdata_user_id="user_bob")
    plant_one(organization, bigdata_user_id="user_bob", share_with_org=False)
    plant_one(organization, bigdata_user_id="user_dan", share_with_org=True)
    assert "bob@example.com" not in signed_in(alice).get("/connectors/").text


def test_htmx_gets_the_results_alone_and_the_url_that_says_the_same(
    client: Client, organization: Organization
) -> None:
    plant(organization, 20)
    sent = "/connectors/?q=desk&state=&type=pdf&owner=&shared=1&archived=&sort=label&per_page=50"
    part, page = client.get(sent, headers={"HX-Request": "true"}), client.get(sent)
    assert part.headers["HX-Push-Url"] == "/connectors/?q=desk&shared=1&sort=label"
    assert part.text.lstrip().startswith('<div id="list-results">')
    assert without_tokens(part.text) in without_tokens(page.text)


def without_tokens(html: str) -> str:
    return re.sub(r'csrfmiddlewaretoken" value="\w+"', "", html).strip()


def test_the_back_button_gets_the_whole_page(client: Client, organization: Organization) -> None:
    headers = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    assert "<html" in client.get("/connectors/?q=desk", headers=headers).text


def test_a_script_in_a_label_or_a_search_stays_text(client: Client, organization: Organization) -> None:
    plant_one(organization, label="<script>alert(1)</script>", bigdata_user_id='"><img src=x>')
    for query in ("", "?q=%3Cscript%3Ealert", "?owner=%22%3E%3Cimg+src%3Dx%3E"):
        html = client.get(f"/connectors/{query}").text
        assert "<script>alert" not in html
        assert "<img" not in html


ACTIONS = {"alice": 4, "adam": 4, "sam": 1}


@pytest.mark.parametrize("name", ACTIONS)
def test_each_is_offered_what_their_role_may_do(
    request: Any, organization: Organization, signed_in: Callable[[Member], Client], name: str
) -> None:
    plant_one(organization, share_with_org=True)
    html = signed_in(request.getfixturevalue(name)).get("/connectors/").text
    buttons = re.findall(r'name="action" value="(\w+)"', html)
    assert buttons == ["sync", "archive", "add_sender", "remove_sender"][: ACTIONS[name]]
    assert '<form method="post" action="/bulk/new/"' in html


def test_a_whole_selection_is_the_filter_itself(client: Client, adam: Member, organization: Organization) -> None:
    plant(organization, 100)
    page = client.get("/connectors/?type=email&sort=label&per_page=25")
    [query] = re.findall(r'name="all_matching"\s+value="([^"]+)"', page.text)
    filters = ListFilters.parse(QueryDict(query.replace("&amp;", "&")))
    assert apply_filters(visible_connectors(adam), filters).count() == 30
    assert "Select all 30 that match" in text_of(page)
    assert 'name="all_matching"' not in client.get("/connectors/?q=sender27").text


def test_a_whole_unfiltered_selection_says_something(client: Client, organization: Organization) -> None:
    plant(organization, 60)
    [query] = re.findall(r'name="all_matching"\s+value="([^"]+)"', client.get("/connectors/").text)
    assert ListFilters.parse(QueryDict(query)) == ListFilters()


@pytest.mark.parametrize("count", [1, 300])
@pytest.mark.parametrize("query", ["", "?q=desk&state=failing&owner=user_dan&sort=-files&page=2", "?q=nothing"])
@pytest.mark.parametrize("name", ["alice", "adam", "sam"])
def test_six_queries_at_any_size(
    request: Any,
    organization: Organization,
    signed_in: Callable[[Member], Client],
    name: str,
    query: str,
    count: int,
) -> None:
    plant(organization, count)
    client = signed_in(request.getfixturevalue(name))
    client.get("/connectors/")
    with CaptureQueriesContext(connection) as queries:
        assert client.get(f"/connectors/{query}").status_code == 200
    assert len(queries) <= 6
