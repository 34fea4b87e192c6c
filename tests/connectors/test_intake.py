"""What has come in lately: counted over the newest documents, and never more of them asked for than that."""

from collections.abc import Callable

import pytest
from django.test import Client

from connectors_app.models import ApiKey, Connector
from connectors_app.sandbox import SandboxServer
from connectors_app.services.polling import poll
from tests.bigdata.servers import Server

from .stage import text_of

HTMX = {"HX-Request": "true"}
ADA, BOB, CY = "Ada@desk.example", "bob@desk.example", "cy@desk.example"


@pytest.fixture
def inbox(desk: Client, sandbox: SandboxServer) -> str:
    """The id of Alice's inbox, which lets Ada, Bob and Cy in."""
    [connector_id] = sandbox.plant(config={"allowed_emails": [ADA, BOB, CY], "email": "in@bigdata.com"})
    assert poll(ApiKey.objects.get().pk)
    sandbox.clear_requests()
    return connector_id


@pytest.fixture
def url(inbox: str) -> str:
    return f"/connectors/{inbox}/documents/intake/"


def test_senders_are_told_apart(desk: Client, url: str, inbox: str, sandbox: SandboxServer) -> None:
    sandbox.plant_documents(inbox, count=3, tags=["from:ada@desk.example", "to:in@bigdata.com"])
    sandbox.plant_documents(inbox, count=2, tags=["from:Bob <bob@desk.example>"])
    sandbox.plant_documents(inbox, count=4, tags=["from:who@else.example"], status="failed")
    words = text_of(desk.get(url, headers=HTMX))
    assert f"Documents per sender {ADA} 3 {BOB} 2 Never heard from 1 {CY}" in words
    assert "Wrote, but not allowed 1 who@else.example 4" in words


def test_failures_are_counted_by_their_code_in_words(
    desk: Client, url: str, inbox: str, sandbox: SandboxServer
) -> None:
    sandbox.plant_documents(inbox, count=2, status="failed", error_code="PARSING_ERROR")
    sandbox.plant_documents(inbox, status="failed", error_code="E_4711")
    sandbox.plant_documents(inbox, status="failed")
    sandbox.plant_documents(inbox, count=5)
    part = desk.get(url, headers=HTMX)
    for words in ("Documents 9", "4 failed", "Its content could not be read (PARSING_ERROR) 2", "E_4711 1"):
        assert words in text_of(part)
    assert "No reason given 1" in text_of(part)
    assert "See which documents failed" in text_of(part)
    assert f'href="/connectors/{inbox}/documents/?sort=status"' in part.content.decode()


def test_of_many_documents_only_the_newest_are_looked_at_and_it_says_so(
    desk: Client, url: str, inbox: str, sandbox: SandboxServer
) -> None:
    sandbox.plant_documents(inbox, count=350, tags=[f"from:{ADA}"])
    words = text_of(desk.get(url, headers=HTMX))
    assert "among the newest 300 documents" in words
    assert "Not heard from among the newest 300 2" in words
    assert "Never heard from" not in words
    assert sandbox.counts()["operations"] == {"listDocuments": 3}


def test_a_second_look_within_two_minutes_asks_nothing(
    desk: Client, url: str, inbox: str, sandbox: SandboxServer
) -> None:
    sandbox.plant_documents(inbox)
    first = text_of(desk.get(url, headers=HTMX))
    sandbox.plant_documents(inbox)
    assert text_of(desk.get(url, headers=HTMX)) == first
    assert sandbox.counts()["operations"] == {"listDocuments": 1}


def test_each_connector_has_its_own(desk: Client, url: str, inbox: str, sandbox: SandboxServer) -> None:
    [other] = sandbox.plant()
    poll(ApiKey.objects.get().pk)
    sandbox.plant_documents(inbox, count=2)
    sandbox.plant_documents(other, count=7)
    words = [text_of(desk.get(each, headers=HTMX)) for each in (url, url.replace(inbox, other))]
    assert ("Documents 2" in words[0], "Documents 7" in words[1]) == (True, True)


def test_a_document_that_shows_on_two_pages_counts_once(
    desk: Client, url: str, upstream_answers: Callable[..., Server]
) -> None:
    moment = "2026-01-01T00:00:00Z"
    same = {"file_name": "x", "user_id": "u", "org_id": "o", "status": "pending"}
    same |= {"created_at": moment, "updated_at": moment}
    upstream_answers(200, {"results": [{"id": f"{number:032X}", **same} for number in range(100)]})
    assert "among the newest 100 documents" in text_of(desk.get(url, headers=HTMX))


def test_who_is_allowed_is_judged_by_the_list_of_now(
    desk: Client, url: str, inbox: str, sandbox: SandboxServer
) -> None:
    sandbox.plant_documents(inbox, tags=[f"from:{ADA}"])
    desk.get(url, headers=HTMX)
    Connector.objects.update(config={"allowed_emails": [BOB]})
    assert "Wrote, but not allowed 1 ada@desk.example 1" in text_of(desk.get(url, headers=HTMX))


def test_other_types_have_no_senders(desk: Client, sandbox: SandboxServer) -> None:
    [feed] = sandbox.plant(type="investment_research")
    poll(ApiKey.objects.get().pk)
    sandbox.plant_documents(feed, count=2)
    words = text_of(desk.get(f"/connectors/{feed}/documents/intake/", headers=HTMX))
    assert "Documents 2" in words
    assert "heard from" not in words


def test_nothing_yet_is_said_and_every_sender_is_still_silent(desk: Client, url: str) -> None:
    words = text_of(desk.get(url, headers=HTMX))
    assert "No document has come in yet." in words
    assert "Never heard from 3" in words


def test_trouble_is_told_and_not_remembered(desk: Client, url: str, inbox: str, sandbox: SandboxServer) -> None:
    sandbox.fault("listDocuments", "500")
    assert "Try again" in text_of(desk.get(url, headers=HTMX))
    sandbox.clear_faults()
    assert "No document has come in yet." in text_of(desk.get(url, headers=HTMX))


def test_it_is_a_page_too_and_the_connectors_page_leads_there(desk: Client, url: str, inbox: str) -> None:
    detail = desk.get(f"/connectors/{inbox}/").content.decode()
    assert f'hx-get="{url}"' in detail
    assert f'href="{url}"' in detail
    page = desk.get(url)
    assert "<html" in page.content.decode()
    assert "Never heard from 3" in text_of(page)
