"""The page of one connector: everything that the API returned, and how old that is."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from connectors_app.models import ApiKey, Connector, Member
from connectors_app.sandbox import SandboxServer
from connectors_app.services.polling import poll

from .stage import filled, send, text_of

Show = Callable[..., Any]


@pytest.fixture
def show(desk: Client, sandbox: SandboxServer) -> Show:
    """The page of a connector that upstream has with these fields."""

    def plant_and_look(**fields: Any) -> Any:
        [connector_id] = sandbox.plant(**fields)
        assert poll(ApiKey.objects.get().pk)
        return desk.get(f"/connectors/{connector_id}/")

    return plant_and_look


def test_an_inbox_shows_its_address_senders_and_files(show: Show) -> None:
    senders = ["ada@desk.example", "bob@desk.example"]
    page = show(
        config={"allowed_emails": senders, "email": "in@bigdata.com", "email_hash": "a1b2"}, files_count=1234
    )
    assert "data-copy-value>in@bigdata.com</code>" in page.content.decode()
    for words in (*senders, "Files 1,234", "Inbox ID a1b2", "Mail is taken in when it arrives"):
        assert words in text_of(page)


def test_what_files_are_is_said_beside_their_number_and_nothing_where_they_are_not_counted(show: Show) -> None:
    assert "Files 1,234 Taken in so far. See what there is now" in text_of(show(files_count=1234))
    assert "Taken in so far" not in text_of(show(files_count=None))


def test_why_not_is_said_once_for_all_to_read_and_for_each_action_that_it_is_about(show: Show) -> None:
    page = show(type="gopher", config={})
    assert text_of(page).count("Sync now, Edit · The dashboard does not know this type of connector.") == 1
    assert page.content.decode().count('aria-describedby="why-not"') == 2


def test_a_broker_connector_shows_its_user_and_last_sync(show: Show) -> None:
    last_sync = {
        "last_sync_at": "2026-04-07T09:36:34.195040Z",
        "last_sync_status": "SUCCESS",
        "last_sync_count": 3200,
    }
    page = show(type="investment_research", config={"user_id": "desk-7"}, **last_sync)
    for words in ("Broker user ID desk-7", "Outcome Succeeded", "Items taken in 3,200", "Healthy"):
        assert words in text_of(page)
    assert 'datetime="2026-04-07T09:36:34+00:00"' in page.content.decode()


def test_every_other_field_is_there(show: Show) -> None:
    page = show(label="Desk", description="Line one\nline two", share_with_org=True, user_id="user_bob")
    connector = Connector.objects.get()
    for words in ("Desk", "Line one line two", "Shared with organization", "user_bob", "org_id_001"):
        assert words in text_of(page)
    assert f'data-connector-id="{connector.connector_id}"' in page.content.decode()
    assert str(connector.connector_id) in text_of(page)


def test_the_owner_is_named_where_it_is_known(desk: Client) -> None:
    page = desk.get(send(desk, filled()).url.replace("created/", ""))
    assert "Owner alice@example.com (user_alice)" in text_of(page)


def test_an_error_is_shown_in_full_with_a_way_to_copy_it(show: Show) -> None:
    error = "Login refused\n" + "detail " * 300 + "<end>"
    page = show(type="sharepoint", config={}, last_sync_status="FAILED", last_sync_error_msg=error)
    html = page.content.decode()
    assert 'data-state="failing"' in html
    assert "&lt;end&gt;</pre>" in html
    assert "data-copy>" in html
    assert text_of(page).count("detail") == 300


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"archived": True, "last_sync_status": "FAILED"}, "archived"),
        ({"type": "sharepoint", "last_sync_status": "FAILED"}, "failing"),
        ({"type": "sharepoint", "last_sync_error_msg": "Boom"}, "failing"),
        ({"type": "sharepoint", "last_sync_status": "SUCCESS", "last_sync_error_msg": "old"}, "never_synced"),
        ({"type": "sharepoint", "last_sync_status": "SUCCESS", "last_sync_at": "2026-04-07T09:36:34Z"}, "healthy"),
        ({"type": "sharepoint"}, "never_synced"),
        ({"files_count": 0}, "never_synced"),
        ({"files_count": 3}, "healthy"),
        ({}, "healthy"),
    ],
)
def test_the_state_follows_from_what_the_api_says(show: Show, fields: dict[str, Any], state: str) -> None:
    assert f'data-state="{state}"' in show(**fields).content.decode()


def test_the_page_asks_for_itself_once_and_says_how_old_it_is(show: Show, sandbox: SandboxServer) -> None:
    page = show()
    sandbox.clear_requests()
    html = page.content.decode()
    assert 'hx-trigger="load"' in html
    assert f'hx-post="/connectors/{Connector.objects.get().connector_id}/refresh/?round=0"' in html
    assert "As of just now" in text_of(page)


def test_looking_at_the_page_asks_nothing_of_upstream(show: Show, desk: Client, sandbox: SandboxServer) -> None:
    show()
    sandbox.clear_requests()
    desk.get(f"/connectors/{Connector.objects.get().connector_id}/")
    desk.get("/connectors/")
    desk.get("/")
    assert sandbox.requests == []


def test_who_may_not_see_it_finds_nothing(
    show: Show, bob: Member, adam: Member, sam: Member, mallory: Member, signed_in: Callable[[Member], Client]
) -> None:
    show(share_with_org=False)
    url = f"/connectors/{Connector.objects.get().connector_id}/"
    seen = {member.email[:3]: signed_in(member).get(url).status_code for member in (bob, adam, sam, mallory)}
    assert seen == {"bob": 404, "ada": 200, "sam": 200, "mal": 404}
    Connector.objects.update(share_with_org=True)
    assert signed_in(bob).get(url).status_code == 200
    assert signed_in(mallory).get(url).status_code == 404


def test_an_archived_inbox_takes_in_no_mail_and_offers_no_address_to_copy(show: Show) -> None:
    page = text_of(show(archived=True))
    assert "Mail is taken in" not in page
    assert "Takes in no mail any more." in page
    assert "Copy address" not in page


def test_an_inbox_that_got_nothing_yet_speaks_of_mail(show: Show) -> None:
    page = text_of(show(files_count=0))
    assert "No mail has come in yet." in page
    assert "An inbox has no syncs" not in page
