"""A type, a status, fields that nobody told us of, and fields that are missing: shown as they came, everywhere.

More of each on the list and the connector's page is in tests/connectors/test_unfamiliar.py.
"""

import pytest

from connectors_app.models import ApiKey, Connector
from connectors_app.services import polling
from tests.abuse.evil import messages_about_it
from tests.connectors.changing import fresh, opened, sent, url
from tests.connectors.stage import text_of

NEW = {
    "type": "carrier_pigeon",
    "label": "Loft",
    "config": {"loft": "North tower"},
    "last_sync_at": "2026-04-07T09:36:34Z",
    "last_sync_status": "HALF_DONE",
    "last_sync_error_msg": "Hawk sighted",
    "region": "eu-west-1",
}
MISSING = ("files_count", "last_sync_at", "last_sync_status", "last_sync_error_msg", "last_sync_count", "config")
BARE = {"type": "sharepoint", "label": "Bare", "description": None} | dict.fromkeys(MISSING)


def seen(sandbox, **fields):
    [connector_id] = sandbox.plant("user_alice", **fields)
    assert polling.poll(ApiKey.objects.get().pk)
    return Connector.objects.get(connector_id=connector_id)


def downloaded(desk):
    return b"".join(desk.get("/connectors/export.csv").streaming_content).decode()


@pytest.fixture
def pigeon(desk, sandbox, organization):
    """It fails, of which people are told at once."""
    organization.alert_after_failures = 1
    organization.save()
    return seen(sandbox, **NEW)


@pytest.fixture
def bare(desk, sandbox):
    return seen(sandbox, **BARE)


@pytest.mark.parametrize(
    ("page", "shown"),
    [
        ("/connectors/", "carrier_pigeon"),
        ("/connectors/", "HALF_DONE"),
        ("/connectors/?state=failing", "carrier_pigeon"),
        ("/connectors/{id}/", "carrier_pigeon"),
        ("/connectors/{id}/", "HALF_DONE"),
        ("/connectors/{id}/", "loft North tower"),
        ("/connectors/{id}/", "region eu-west-1"),
        ("/connectors/{id}/history/", "Hawk sighted"),
        ("/connectors/{id}/bundle/", "carrier_pigeon"),
        ("/connectors/{id}/bundle/", "HALF_DONE"),
        ("/errors/", "Hawk sighted"),
        ("/errors/{group}/", "carrier_pigeon"),
        ("/", "1 connector"),
        ("/alerts/", "Loft"),
    ],
)
def test_35_what_is_new_is_shown_as_it_came(desk, pigeon, page, shown):
    answer = desk.get(page.format(id=pigeon.connector_id, group=pigeon.error_group_id))
    assert answer.status_code == 200
    assert shown in text_of(answer)


def test_35_what_is_new_is_in_the_download_as_it_came(desk, pigeon):
    assert "Loft,carrier_pigeon,Failing," in downloaded(desk)
    assert ",HALF_DONE,Hawk sighted," in downloaded(desk)


def test_35_what_is_of_an_unknown_type_is_not_changed_from_here(desk, pigeon, sandbox):
    answer = desk.post(url(pigeon, "edit"), {"label": "Another loft"})
    assert "The dashboard does not know this type of connector" in text_of(answer)
    assert sent(sandbox, "updateConnector") == []


def test_35_an_edit_leaves_what_we_do_not_know_as_it_is(desk, sandbox):
    config = {"allowed_emails": ["ada@desk.example"], "spam_filter": "strict"}
    inbox = seen(sandbox, label="Desk mail", config=config, region="eu-west-1", last_sync_status="HALF_DONE")
    desk.post(url(inbox, "edit"), opened(desk, url(inbox, "edit"), label="Renamed"))
    [body] = sent(sandbox, "updateConnector")
    assert {*body} == {"label", "description", "share_with_org", "config"}
    kept = fresh(inbox)
    assert (kept.label, kept.last_sync_status, kept.extra) == ("Renamed", "HALF_DONE", {"region": "eu-west-1"})


@pytest.mark.parametrize("page", ["", "history/", "edit/", "sync/", "archive/", "delete/", "documents/?now=1"])
@pytest.mark.parametrize("which", ["pigeon", "bare"])
def test_35_no_page_about_it_breaks(desk, request, which, page):
    connector = request.getfixturevalue(which)
    answer = desk.get(f"/connectors/{connector.connector_id}/{page}", follow=True)
    assert answer.status_code == 200
    assert connector.label in text_of(answer)


@pytest.mark.parametrize("page", ["/", "/connectors/", "/errors/", "/alerts/", "/connectors/export.csv"])
def test_35_what_is_missing_leaves_a_gap_and_no_guess(desk, bare, page):
    assert desk.get(page).status_code == 200
    assert "None" not in text_of(desk.get("/connectors/"))
    assert "None" not in text_of(desk.get(f"/connectors/{bare.connector_id}/"))
    assert (
        "Bare,SharePoint,Never synced," in b"".join(desk.get("/connectors/export.csv").streaming_content).decode()
    )


def test_35_a_message_tells_of_it(pigeon):
    [message] = messages_about_it()
    assert "Loft" in message.subject
    assert "Hawk sighted" in str(message.body)
