"""The documents tab: what upstream lists, page by page, and what is said where it can't be asked."""

from collections.abc import Callable
from urllib.parse import parse_qsl

import pytest
from django.test import Client

from connectors_app.models import ApiKey, Connector, Member
from connectors_app.sandbox import SandboxServer
from connectors_app.services.documents import kind_in_words
from connectors_app.services.polling import poll
from tests.bigdata.servers import Server

from .stage import text_of

HTMX = {"HX-Request": "true"}


@pytest.fixture
def inbox(desk: Client, sandbox: SandboxServer) -> str:
    """The id of a shared inbox of Alice's that the dashboard knows."""
    [connector_id] = sandbox.plant(share_with_org=True, label="Desk mail")
    assert poll(ApiKey.objects.get().pk)
    sandbox.clear_requests()
    return connector_id


@pytest.fixture
def url(inbox: str) -> str:
    return f"/connectors/{inbox}/documents/"


def asked_for(sandbox: SandboxServer) -> list[dict[str, str]]:
    """The queries of the document lists that upstream saw."""
    lists = [each for each in sandbox.requests if each["operation"] == "listDocuments"]
    return [dict(parse_qsl(each["query"])) for each in lists]


def test_a_document_is_shown_with_all_that_matters(
    desk: Client, url: str, inbox: str, sandbox: SandboxServer
) -> None:
    sandbox.plant_documents(
        inbox,
        file_name="Weekly <b>summary</b>.eml",
        content_type="message/rfc822",
        raw_size=2048,
        status="failed",
        error_code="FILE_TOO_LARGE",
        tags=["from:ada@desk.example", "to:in@bigdata.com"],
        published_at="2026-01-02T03:04:05Z",
    )
    part = desk.get(url, headers=HTMX)
    for words in ("Weekly <b>summary</b>.eml", "Mail", "2.0\xa0KB", "Failed", "from:ada@desk.example, to:in@"):
        assert words.replace("\xa0", " ") in text_of(part)
    assert "The file is too large (FILE_TOO_LARGE)" in text_of(part)
    assert "<b>summary" not in part.content.decode()
    assert 'datetime="2026-01-02T03:04:05+00:00"' in part.content.decode()


def test_a_status_and_an_error_that_nobody_knows_are_shown_as_they_came(
    desk: Client, url: str, inbox: str, sandbox: SandboxServer
) -> None:
    sandbox.plant_documents(inbox, status="QUARANTINED", error_code="E_4711", content_type="application/x-odd")
    for words in ("QUARANTINED", "E_4711", "application/x-odd"):
        assert words in text_of(desk.get(url, headers=HTMX))


def test_a_long_error_is_there_to_read_in_full(desk: Client, url: str, inbox: str, sandbox: SandboxServer) -> None:
    code = "E_" + "X" * 400
    sandbox.plant_documents(inbox, status="failed", error_code=code)
    assert code in text_of(desk.get(url, headers=HTMX))


def test_how_to_find_what_failed_is_said_until_it_was_done(desk: Client, url: str) -> None:
    hint = "To find failed documents, order by status"
    assert hint in text_of(desk.get(url))
    assert hint not in text_of(desk.get(url, {"sort": "status"}))


def test_the_page_opens_without_asking_and_loads_its_table_then(
    desk: Client, url: str, sandbox: SandboxServer
) -> None:
    page = desk.get(f"{url}?sort=size&page=2")
    assert sandbox.requests == []
    assert f'hx-get="{url}?sort=size&amp;page=2"' in page.content.decode()
    assert 'href="?sort=size&amp;page=2&amp;now=1">Show the documents' in page.content.decode()


def test_without_javascript_the_table_is_in_the_page(
    desk: Client, url: str, inbox: str, sandbox: SandboxServer
) -> None:
    sandbox.plant_documents(inbox, file_name="Note.eml")
    page = desk.get(f"{url}?now=1")
    assert "Note.eml" in text_of(page)
    assert "hx-trigger" not in page.content.decode()


def test_newest_come_first_fifty_a_page_and_next_only_after_a_full_one(
    desk: Client, url: str, inbox: str, sandbox: SandboxServer
) -> None:
    for minute in range(51):
        sandbox.plant_documents(inbox, file_name=f"N{minute:02}", created_at=f"2026-01-01T00:{minute:02}:00Z")
    first, second = (desk.get(f"{url}?page={page}", headers=HTMX) for page in (1, 2))
    assert text_of(first).index("N50") < text_of(first).index("N01")
    assert ("N00" in text_of(first), "N00" in text_of(second)) == (False, True)
    assert ('rel="next"' in first.content.decode(), 'rel="next"' in second.content.decode()) == (True, False)
    assert 'href="?page=1"' in second.content.decode()


def test_a_page_after_the_last_says_so_and_leads_back(desk: Client, url: str) -> None:
    part = desk.get(f"{url}?page=3", headers=HTMX)
    assert "No more documents" in text_of(part)
    assert 'href="?page=2"' in part.content.decode()


@pytest.mark.parametrize(
    ("sort", "asked"),
    [
        ("newest", ("created_at", "desc")),
        ("name", ("file_name", "asc")),
        ("size", ("raw_size", "desc")),
        ("status", ("status", "desc")),
        ("'; DROP TABLE", ("created_at", "desc")),
    ],
)
def test_the_order_is_upstreams(
    desk: Client, url: str, sandbox: SandboxServer, sort: str, asked: tuple[str, str]
) -> None:
    desk.get(url, {"sort": sort}, headers=HTMX)
    [query] = asked_for(sandbox)
    assert (query["sort_by"], query["sort_order"]) == asked


def test_a_part_of_the_name_filters_and_stays_typed(
    desk: Client, url: str, inbox: str, sandbox: SandboxServer
) -> None:
    for name in ("Morning note.eml", "Rates.pdf"):
        sandbox.plant_documents(inbox, file_name=name)
    page = desk.get(url, {"file_name": " NOTE\0 ", "now": "1"})
    assert "Morning note.eml" in text_of(page)
    assert "Rates.pdf" not in text_of(page)
    assert 'value="NOTE"' in page.content.decode()


def test_no_documents_and_none_that_match_are_two_things(desk: Client, url: str) -> None:
    assert "No documents yet" in text_of(desk.get(url, headers=HTMX))
    assert "No documents match" in text_of(desk.get(url, {"file_name": "x"}, headers=HTMX))


def test_none_listed_of_files_that_were_counted_is_no_nothing_yet(
    desk: Client, url: str, sandbox: SandboxServer
) -> None:
    Connector.objects.update(files_count=322)
    words = text_of(desk.get(url, headers=HTMX))
    assert "No documents listed This connector has taken files in" in words
    assert "No documents yet" not in words


def test_what_a_document_does_not_have_is_left_out(
    desk: Client, url: str, inbox: str, sandbox: SandboxServer
) -> None:
    sandbox.plant_documents(inbox, content_type=None, raw_size=None, published_at=None)
    rows = desk.get(url, headers=HTMX).text.partition("<tbody>")[2]
    assert rows.count('data-label="Published"></td>') == rows.count('data-label="Size"></td>') == 1
    assert "—" not in rows


@pytest.mark.parametrize("page", ["0", "-1", "x", "9" * 400, "²"])
def test_a_page_that_makes_no_sense_is_the_first(
    desk: Client, url: str, sandbox: SandboxServer, page: str
) -> None:
    assert desk.get(url, {"page": page}, headers=HTMX).status_code == 200
    assert asked_for(sandbox)[0]["page"] == "1"


@pytest.mark.parametrize("fault", ["500", "429", "malformed", "502-html", "reset-after", "redirect"])
def test_trouble_upstream_is_told_with_a_way_to_try_again(
    desk: Client, url: str, sandbox: SandboxServer, fault: str
) -> None:
    sandbox.fault("listDocuments", fault, times=0)
    for headers, query in ((HTMX, ""), ({}, "?now=1")):
        page = desk.get(url + query, headers=headers)
        assert page.status_code == 200
        assert "Bigdata.com" in text_of(page)
        assert f'hx-get="{url}{query}"' in page.content.decode()
        assert "Try again" in text_of(page)


def test_an_answer_that_is_no_list_is_trouble_too(
    desk: Client, url: str, upstream_answers: Callable[..., Server]
) -> None:
    upstream_answers(200, {"results": [{"id": "only"}]})
    assert "Try again" in text_of(desk.get(url, headers=HTMX))


def test_when_no_key_sees_it_the_page_says_so(desk: Client, url: str, sandbox: SandboxServer) -> None:
    ApiKey.objects.update(status="rejected")
    assert "No working API key sees this connector" in text_of(desk.get(url, headers=HTMX))
    assert sandbox.requests == []


def test_it_is_asked_for_with_the_viewers_own_key_first(
    url: str,
    bob: Member,
    with_key: Callable[[Member], Member],
    signed_in: Callable[[Member], Client],
    sandbox: SandboxServer,
) -> None:
    client = signed_in(with_key(bob))
    sandbox.clear_requests()
    client.get(url, headers=HTMX)
    assert [request["user_id"] for request in sandbox.requests] == ["user_bob"]


@pytest.mark.parametrize("path", ["documents/", "documents/intake/", "history/", "bundle/"])
def test_another_organization_finds_nothing(
    inbox: str, path: str, mallory: Member, signed_in: Callable[[Member], Client], sandbox: SandboxServer
) -> None:
    assert signed_in(mallory).get(f"/connectors/{inbox}/{path}", headers=HTMX).status_code == 404
    assert sandbox.requests == []


@pytest.mark.parametrize(
    ("content_type", "words"),
    [
        ("application/pdf", "PDF"),
        ("APPLICATION/PDF; charset=binary", "PDF"),
        ("image/png", "Image"),
        ("application/x-odd", "application/x-odd"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_content_type_is_said_in_words(content_type: str | None, words: str) -> None:
    assert kind_in_words(content_type) == words
