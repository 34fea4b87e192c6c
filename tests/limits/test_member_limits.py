"""What is expensive can be asked for so often, per member; plain browsing is not counted."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from connectors_app.accounts.member_limits import TooOften
from connectors_app.models import Channel, Connector, Member
from connectors_app.sandbox import SandboxServer
from tests.closing import close

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _twice_a_minute(settings: Settings) -> None:
    settings.MEMBER_LIMITS = dict.fromkeys(settings.MEMBER_LIMITS, "2/m")


@pytest.fixture
def desk(
    adam: Member,
    with_key: Callable[[Member], Member],
    signed_in: Callable[[Member], Client],
    sandbox: SandboxServer,
) -> Client:
    """Adam's browser; he has a key and one connector."""
    client = signed_in(with_key(adam))
    sandbox.plant(share_with_org=True)
    client.post("/refresh/")
    return client


def about_the_connector(page: str) -> Callable[[], str]:
    return lambda: reverse(page, args=[Connector.objects.get().connector_id])


EXPENSIVE = {
    "connectors as CSV": ("get", lambda: "/connectors/export.csv"),
    "trail as CSV": ("get", lambda: "/audit/export.csv"),
    "search of the trail": ("get", lambda: "/audit/?q=key"),
    "live refresh": ("post", about_the_connector("connector_refresh")),
    "documents": ("get", lambda: about_the_connector("connector_documents")() + "?now=1"),
    "intake": ("get", about_the_connector("connector_intake")),
    "support bundle": ("get", about_the_connector("connector_bundle")),
    "test of what is typed": ("post", lambda: "/alerts/channels/test/email/"),
    "test of a channel": ("post", lambda: reverse("channel_test_saved", args=[Channel.objects.get().pk])),
}


@pytest.fixture
def expensive(desk: Client, organization: Any) -> Callable[[str], Any]:
    Channel.objects.create(organization=organization, kind="email", name="Ours", email="ops@example.com")

    def ask(what: str, client: Client = desk, **headers: str) -> Any:
        method, url = EXPENSIVE[what]
        answer = getattr(client, method)(url(), headers=headers)
        close(answer)
        return answer

    return ask


@pytest.mark.parametrize("what", EXPENSIVE)
def test_what_is_expensive_is_refused_after_a_while_with_when_to_come_back(
    expensive: Callable[..., Any], what: str
) -> None:
    assert [expensive(what).status_code in {200, 302} for _ in range(2)] == [True, True]
    answer = expensive(what)
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert "again in a minute" in answer.content.decode()
    assert "<html" in answer.content.decode()


@pytest.mark.parametrize("what", ["live refresh", "documents", "intake", "test of a channel"])
def test_a_part_of_a_page_stays_and_a_note_comes_on_top(expensive: Callable[..., Any], what: str) -> None:
    for _ in range(3):
        answer = expensive(what, **HTMX)
    assert answer.status_code == 429
    assert "<html" not in answer.content.decode()
    assert 'role="alert"' in answer.content.decode()
    assert (answer.headers["HX-Retarget"], answer.headers["HX-Reswap"]) == ("#content", "afterbegin")


def test_a_member_is_counted_and_no_colleague(
    expensive: Callable[..., Any], sam: Member, signed_in: Callable[[Member], Client]
) -> None:
    for _ in range(3):
        answer = expensive("live refresh")
    assert answer.status_code == 429
    assert expensive("live refresh", signed_in(sam)).status_code == 302


def test_one_session_more_is_not_one_turn_more(
    expensive: Callable[..., Any], adam: Member, signed_in: Callable[[Member], Client]
) -> None:
    statuses = [expensive("support bundle", signed_in(adam)).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]


def test_a_refused_refresh_asks_nobody(expensive: Callable[..., Any], sandbox: SandboxServer) -> None:
    for _ in range(2):
        expensive("live refresh")
    sandbox.clear_requests()
    expensive("live refresh")
    assert sandbox.requests == []


def test_refreshing_everything_is_counted_too(desk: Client, sandbox: SandboxServer) -> None:
    """The first time was to get at a connector."""
    assert [desk.post("/refresh/").status_code for _ in range(2)] == [302, 429]


def test_keys_cannot_be_tried_out_one_after_the_other(desk: Client, sandbox: SandboxServer) -> None:
    def attempt() -> Any:
        return desk.post("/keys/", {"api_key": "no-such-key-at-all"})

    assert [attempt().status_code for _ in range(2)] == [200, 200]
    sandbox.clear_requests()
    answer = attempt()
    assert answer.status_code == 429
    assert "You can have a key checked again in a minute." in answer.content.decode()
    assert "no-such-key" not in answer.content.decode()
    assert sandbox.requests == []


@pytest.mark.parametrize(
    "url", ["/", "/connectors/", "/connectors/?q=desk", "/audit/", "/audit/?group=keys", "/keys/"]
)
def test_browsing_is_not_counted(desk: Client, url: str) -> None:
    assert {desk.get(url).status_code for _ in range(6)} == {200}


@pytest.mark.parametrize("what", ["connectors as CSV", "live refresh", "test of a channel"])
def test_while_nothing_can_be_counted_nothing_expensive_is_done(
    expensive: Callable[..., Any], sandbox: SandboxServer, settings: Settings, what: str
) -> None:
    sandbox.clear_requests()
    nobody = "redis://127.0.0.1:9"
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": nobody}}
    answer = expensive(what)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    assert "cannot be counted" in answer.content.decode()
    assert sandbox.requests == []


def test_every_limit_has_its_words(settings: Settings) -> None:
    assert all(TooOften(what, 61).message.endswith("again in 2 minutes.") for what in settings.MEMBER_LIMITS)
