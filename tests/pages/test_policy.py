"""Headers and markup of every answer: the content security policy, its nonces, and what may be kept."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse

from connectors_app.models import Connector, Member, Operation
from connectors_app.urls import urlpatterns
from tests.pages.headers import Blocked, inline_on, wrong_with

ACCOUNT_PAGES = [
    f"/account/{path}"
    for path in ("login/", "logout/", "signup/", "inactive/", "email/", "reauthenticate/", "confirm-email/")
] + [f"/account/password/{path}" for path in ("change/", "set/", "reset/", "reset/done/", "reset/key/1-x/")]
NOWHERE = ["/nowhere/", "/connectors/not-a-uuid/"]


class Page(NamedTuple):
    """A page of the dashboard: its name, and the parameters in its address."""

    name: str
    parameters: frozenset[str]

    def url(self, **known: object) -> str:
        """Its address, about the `known` objects and otherwise about none that exists."""
        none = {"type_key": "email", "role": "admin", "member_id": 0, "session_id": 0, "pk": 0}
        values = {**dict.fromkeys(self.parameters, uuid4()), **none, **known}
        return reverse(self.name, kwargs={name: values[name] for name in self.parameters})


def walk(patterns: list[URLPattern | URLResolver], above: frozenset[str] = frozenset()) -> Iterator[Page]:
    for pattern in patterns:
        parameters = above | set(pattern.pattern.converters)
        if isinstance(pattern, URLResolver):
            yield from walk(pattern.url_patterns, parameters)
        else:
            yield Page(str(pattern.name), parameters)


ALL_PAGES = list(walk(urlpatterns))
every_page = pytest.mark.parametrize("page", ALL_PAGES, ids=lambda page: page.name)


def check(answer: Any) -> None:
    """The headers are there, and the page keeps to the policy."""
    address = answer.request["PATH_INFO"]
    assert (address, wrong_with(answer, is_https=False)) == (address, set())
    assert (address, inline_on(answer)) == (address, [])


@pytest.fixture
def address(alice: Member, make_connectors: Callable[..., list[Connector]]) -> Callable[[Page], str]:
    """The address of a page, about objects of Alice's where it is about any."""
    [connector] = make_connectors(last_sync_error_msg="Login refused", files_count=3)
    operation = Operation.objects.create(
        organization=alice.organization, actor=alice, key_owner=alice, kind="create", connector_type="email"
    )
    return lambda page: page.url(connector_id=connector.connector_id, operation_id=operation.pk)


def test_every_page_keeps_to_the_policy(desk: Client, address: Callable[[Page], str]) -> None:
    for page in ALL_PAGES:
        check(desk.get(address(page)))
    assert desk.get("/").status_code == 200  # Signed in to the last.


@every_page
def test_what_every_page_answers_to_a_post_keeps_to_it(
    desk: Client, address: Callable[[Page], str], page: Page
) -> None:
    """Each to an Alice of its own: some take from her what others are about."""
    check(desk.post(address(page)))


def test_pages_that_are_not_ours_or_not_there_keep_to_it_too(desk: Client, client: Client) -> None:
    for browser in (desk, client):
        for url in NOWHERE + ACCOUNT_PAGES:
            check(browser.get(url))
    assert desk.get("/").status_code == 200  # Signed in to the last.


def test_the_parts_that_htmx_asks_for_keep_to_it(desk: Client, address: Callable[[Page], str]) -> None:
    pages = {page.name: address(page) for page in ALL_PAGES}
    for name in ("connector_refresh", "operation_check"):
        answer = desk.post(pages[name], headers={"HX-Request": "true"})
        assert "<html" not in answer.content.decode()
        check(answer)


def test_every_answer_has_a_nonce_of_its_own(desk: Client) -> None:
    policies = {desk.get("/").headers["Content-Security-Policy"] for _ in range(3)}
    assert len(policies) == 3


@pytest.mark.parametrize(
    "markup",
    [
        '<p style="x">',
        '<p ONCLICK="x">',
        "<script>x</script>",
        '<script nonce="other">x</script>',
        "<style>x</style>",
        '<a href=" javascript:x">',
        '<script src="//cdn.example/x.js"></script>',
        '<form action="https://evil.example">',
    ],
)
def test_what_the_policy_would_block_is_recognised(markup: str) -> None:
    assert Blocked(markup, "mine").found


def test_the_session_cookie_is_out_of_reach_of_script(client: Client, alice: Member) -> None:
    client.post("/account/login/", {"login": alice.email, "password": "correct horse battery"})
    cookie = client.cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
