"""Asking for one connector now: by htmx for the live part, by a plain form post as the fallback."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from connectors_app.choices import KeyStatus
from connectors_app.models import Allowance, ApiKey, Connector, Member
from connectors_app.sandbox import SandboxServer
from connectors_app.services import upstream
from connectors_app.services.polling import poll

from .stage import filled, send, text_of, warning_on

HTMX = {"HX-Request": "true"}


@pytest.fixture
def url(desk: Client, sandbox: SandboxServer) -> str:
    """The page of a connector that Alice created."""
    send(desk, filled("sharepoint"), "sharepoint")
    sandbox.clear_requests()
    return f"/connectors/{Connector.objects.get().connector_id}/"


def finish_a_sync(sandbox: SandboxServer, **result: object) -> None:
    sandbox.sync_result(str(Connector.objects.get().connector_id), now=True, **result)


def test_a_plain_post_takes_in_the_news_and_goes_back_to_the_page(
    desk: Client, url: str, sandbox: SandboxServer
) -> None:
    finish_a_sync(sandbox, count=7)
    page = desk.post(f"{url}refresh/", follow=True)
    assert page.redirect_chain == [(url, 302)]
    assert "Items taken in 7" in text_of(page)
    assert [request["operation"] for request in sandbox.requests] == ["getConnector"]


def test_htmx_gets_the_live_part_alone(desk: Client, url: str, sandbox: SandboxServer) -> None:
    finish_a_sync(sandbox, status="FAILED", error="Session ended")
    part = desk.post(f"{url}refresh/?round=0", headers=HTMX)
    assert part.content.decode().lstrip().startswith('<div id="connector-live"')
    assert "Session ended" in text_of(part)
    assert 'data-state="failing"' in part.content.decode()


def test_it_goes_on_asking_ever_more_slowly_while_a_result_is_awaited_and_then_stops(
    desk: Client, url: str
) -> None:
    def asks(number: int) -> str:
        part = desk.post(f"{url}refresh/?round={number}", headers=HTMX).content.decode()
        return part.partition('hx-trigger="load delay:')[2].partition('"')[0]

    assert [asks(number) for number in (0, 4, 9)] == ["3s", "10s", "60s"]
    assert asks(10) == ""
    assert "refresh/?round=1" in desk.post(f"{url}refresh/?round=0", headers=HTMX).content.decode()


def test_a_sync_that_was_asked_for_is_followed_whatever_the_state(
    desk: Client, url: str, sandbox: SandboxServer
) -> None:
    finish_a_sync(sandbox, status="FAILED", error="No.")
    desk.post(f"{url}refresh/")
    Connector.objects.update(sync_asked_at=timezone.now())
    part = desk.post(f"{url}refresh/?round=0", headers=HTMX).content.decode()
    assert 'data-state="failing"' in part
    assert "its result has not come in yet" in part
    assert 'hx-trigger="load delay:3s"' in part


def test_a_settled_state_is_not_followed(desk: Client, url: str, sandbox: SandboxServer) -> None:
    finish_a_sync(sandbox)
    part = desk.post(f"{url}refresh/?round=0", headers=HTMX).content.decode()
    assert 'data-state="healthy"' in part
    assert "hx-trigger" not in part


@pytest.mark.parametrize("number", ["", "-1", "x", "99999999999", "²"])
def test_a_nonsensical_round_does_no_harm(desk: Client, url: str, number: str) -> None:
    assert desk.post(f"{url}refresh/?round={number}", headers=HTMX).status_code == 200


@pytest.mark.parametrize(
    "fault", ["500", "reset-before", "malformed", "wrong-type", "redirect", "429", "502-html"]
)
@pytest.mark.parametrize("by_htmx", [True, False])
def test_trouble_is_told_and_the_last_known_stays(
    desk: Client, url: str, sandbox: SandboxServer, settings: Settings, fault: str, by_htmx: bool
) -> None:
    settings.BIGDATA_TOTAL_TIMEOUT = 0.4  # Too short for a second try.
    sandbox.fault("getConnector", fault, times=0, retry_after=9)
    before = Connector.objects.values().get()
    page = desk.post(f"{url}refresh/", follow=True, headers=HTMX if by_htmx else {})
    assert "Bigdata.com" in warning_on(page)
    assert Connector.objects.values().get() == before


def test_when_all_slots_are_taken_it_politely_shows_the_last_known(
    desk: Client, url: str, sandbox: SandboxServer, settings: Settings
) -> None:
    settings.BIGDATA_MAX_CONCURRENCY = 1
    before = list(Allowance.objects.values())
    with upstream.transport()._gate.slot(0):
        part = desk.post(f"{url}refresh/", headers=HTMX)
    assert "busy" in text_of(part)
    assert "Showing what was known" in text_of(part)
    assert sandbox.requests == []
    assert list(Allowance.objects.values()) == before


def test_a_refused_key_is_marked_and_the_state_says_so(desk: Client, url: str, sandbox: SandboxServer) -> None:
    sandbox.fault("getConnector", "401")
    part = desk.post(f"{url}refresh/", headers=HTMX)
    assert ApiKey.objects.get().status == KeyStatus.REJECTED
    assert 'data-state="key_rejected"' in part.content.decode()
    sandbox.clear_requests()
    again = text_of(desk.post(f"{url}refresh/", headers=HTMX))
    assert again.count("No working API key sees it") == 1
    assert "No working API key sees this connector" not in again
    assert "You have to replace your API key. To your API key" in again
    assert sandbox.requests == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"status": KeyStatus.REJECTED}, "Its owner alice@example.com has to replace their API key."),
        ({"status": KeyStatus.DISABLED}, "has to use another API key, or an admin to enable the one"),
        (None, "Its owner alice@example.com has to add their API key."),
    ],
)
def test_where_no_key_works_an_admin_reads_who_has_to_do_what(
    url: str, adam: Member, signed_in: Callable[[Member], Client], change: dict[str, str] | None, words: str
) -> None:
    key = ApiKey.objects.filter(member__email="alice@example.com")
    key.update(**change) if change else key.delete()
    Connector.objects.update(state="key_rejected")
    page = signed_in(adam).get(url)
    assert words in text_of(page)
    assert "See the organization's keys" in text_of(page)
    assert "What came in" not in text_of(page)
    assert 'hx-trigger="load" hx-swap="outerHTML" data-live' not in page.content.decode()


def test_an_owner_who_left_is_not_asked_for_a_key(
    url: str, adam: Member, signed_in: Callable[[Member], Client]
) -> None:
    Member.objects.filter(email="alice@example.com").update(is_active=False)
    Connector.objects.update(state="key_rejected")
    assert "alice@example.com can no longer sign in here" in text_of(signed_in(adam).get(url))


def test_a_connector_that_no_key_finds_any_more_is_gone(desk: Client, url: str, sandbox: SandboxServer) -> None:
    sandbox.fault("getConnector", "404")
    assert 'data-state="gone"' in desk.post(f"{url}refresh/", headers=HTMX).content.decode()


def test_of_what_is_gone_nothing_is_asked_or_offered_but_a_new_one(
    desk: Client, url: str, sandbox: SandboxServer
) -> None:
    sandbox.fault("getConnector", "404")
    part = desk.post(f"{url}refresh/?round=0", headers=HTMX).content.decode()
    page = desk.get(url)
    assert "Create a new connector in its place" in text_of(page)
    for html in (part, page.content.decode()):
        assert "refresh/" not in html
        assert "Sync now" not in html
    assert "No working API key" not in text_of(page)
    assert "Documents" not in text_of(page)


def test_a_connector_that_is_back_is_no_longer_gone(desk: Client, url: str, sandbox: SandboxServer) -> None:
    sandbox.fault("getConnector", "404")
    desk.post(f"{url}refresh/")
    poll(ApiKey.objects.get().pk)
    assert 'data-state="never_synced"' in desk.get(url).content.decode()


def test_a_get_refreshes_nothing(desk: Client, url: str, sandbox: SandboxServer) -> None:
    assert desk.get(f"{url}refresh/").status_code == 405
    assert sandbox.requests == []


def test_who_may_not_see_it_cannot_refresh_it(
    url: str, bob: Member, mallory: Member, signed_in: Callable[[Member], Client], sandbox: SandboxServer
) -> None:
    answers = [signed_in(member).post(f"{url}refresh/") for member in (bob, mallory)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert sandbox.requests == []
