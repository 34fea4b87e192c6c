"""The list: every connector that the member may see, with what matters about it in its row."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from connectors_app.models import ApiKey, Connector, Member
from connectors_app.sandbox import SandboxServer
from connectors_app.services.polling import poll

from .stage import filled, send, text_of


@pytest.fixture
def listed(desk: Client, sandbox: SandboxServer) -> Callable[..., Any]:
    """The list page, after upstream got these connectors."""

    def plant_and_list(count: int = 1, query: str = "", **fields: Any) -> Any:
        sandbox.plant(count=count, **fields)
        assert poll(ApiKey.objects.get().pk)
        return desk.get(f"/connectors/{query}")

    return plant_and_list


def labels(page: Any) -> list[str]:
    return re.findall(r'<a href="/connectors/[0-9a-f-]{36}/">(.*?)</a>', page.content.decode())


def test_a_row_says_what_there_is_to_know(listed: Callable[..., Any]) -> None:
    page = listed(label="Desk", files_count=1234, share_with_org=True)
    connector_id = Connector.objects.get().connector_id
    assert f'<tr data-connector-id="{connector_id}">' in page.content.decode()
    for words in ("Desk", "Healthy", "Email inbox", "user_alice", "Shared", "1,234"):
        assert words in text_of(page)


def test_the_owner_is_named_where_it_is_known(desk: Client) -> None:
    send(desk, filled())
    assert "alice@example.com" in text_of(desk.get("/connectors/")).partition("Desk mail")[2]


def test_a_failing_row_shows_the_errors_first_line(listed: Callable[..., Any]) -> None:
    page = listed(type="sharepoint", last_sync_status="FAILED", last_sync_error_msg="\nLogin refused\nat host 7")
    row = page.content.decode().partition('class="row-error"')[2].partition("</span>")[0]
    assert row.endswith(">Login refused")
    assert 'data-state="failing"' in page.content.decode()


def test_an_error_that_is_over_is_not_shown(listed: Callable[..., Any]) -> None:
    assert "row-error" not in listed(last_sync_status="SUCCESS", last_sync_error_msg="old").content.decode()


def test_a_long_label_is_cut_and_stays_a_link(listed: Callable[..., Any]) -> None:
    [label] = labels(listed(label="x" * 5000))
    assert label == "x" * 119 + "…"


def test_the_newest_come_first_fifty_to_a_page(listed: Callable[..., Any], sandbox: SandboxServer) -> None:
    sandbox.plant(label="Newest", created_at="2999-01-01T00:00:00Z")
    page = listed(count=60)
    assert labels(page)[0] == "Newest"
    assert len(labels(page)) == 50
    assert "1–50 of 61" in text_of(page)
    second = listed(count=0, query="?page=2")
    assert len(labels(second)) == 11
    assert set(labels(page)).isdisjoint(labels(second))


@pytest.mark.parametrize(("page", "shown"), [("99", 2), ("0", 2), ("nonsense", 2), ("-1", 2)])
def test_a_page_that_is_not_there_shows_one_that_is(listed: Callable[..., Any], page: str, shown: int) -> None:
    assert len(labels(listed(count=2, query=f"?page={page}"))) == shown


def test_the_first_connector_is_invited(desk: Client, sam: Member, signed_in: Callable[[Member], Client]) -> None:
    page = desk.get("/connectors/")
    assert "No connectors yet" in text_of(page)
    main = page.content.decode().partition("<main")[2].partition("</main>")[0]
    assert main.count('href="/connectors/new/"') == 1
    assert 'href="/connectors/new/"' not in signed_in(sam).get("/connectors/").content.decode()


def test_how_old_the_list_is_stands_under_it(listed: Callable[..., Any]) -> None:
    assert "Last asked Bigdata.com: just now" in text_of(listed())


def test_each_sees_what_is_theirs_to_see(
    listed: Callable[..., Any],
    sandbox: SandboxServer,
    bob: Member,
    adam: Member,
    mallory: Member,
    signed_in: Callable[[Member], Client],
) -> None:
    sandbox.plant(label="Shared", share_with_org=True)
    listed(label="Private")
    seen = {m.email[:3]: set(labels(signed_in(m).get("/connectors/"))) for m in (bob, adam, mallory)}
    assert seen == {"bob": {"Shared"}, "ada": {"Shared", "Private"}, "mal": set()}
