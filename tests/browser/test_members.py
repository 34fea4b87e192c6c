"""A colleague is invited, joins, and is shown the door: as the two of them see it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Site

PASSWORD = "battery staple horse"


@pytest.fixture
def invite(site: Site, sign_in: Callable[..., Page]) -> Callable[[str], str]:
    """As Adam, invite an address; gives the link that he copied."""
    page = sign_in("adam")

    def make(email: str) -> str:
        page.goto(f"{site.url}/members/")
        page.get_by_role("link", name="Invite member").click()
        page.get_by_label("Email address").fill(email)
        page.get_by_label("Analyst:").check()
        page.get_by_role("button", name="Invite member").click()
        page.get_by_role("button", name="Copy link").click()
        expect(page.get_by_role("button", name="Copied")).to_be_visible()
        link: str = page.evaluate("window.copied")
        return link

    return make


def join(visitor: Page, link: str) -> None:
    """Accept the invitation and sign in with the password that was chosen."""
    email = visitor.goto(link) and visitor.get_by_label("Email address").input_value()
    visitor.get_by_label("Choose a password").fill(PASSWORD)
    visitor.get_by_role("button", name="Join").click()
    expect(visitor.get_by_text("Your account is ready")).to_be_visible()
    visitor.fill("[name=login]", email or "")
    visitor.fill("[name=password]", PASSWORD)
    visitor.get_by_role("button", name="Sign in").click()
    expect(visitor.get_by_role("heading", name="Overview")).to_be_visible()


def test_a_colleague_joins_and_is_out_at_the_next_click_once_deactivated(
    invite: Callable[[str], str], browser: Browser, page: Page, site: Site
) -> None:
    visitor = browser.new_context().new_page()
    join(visitor, invite("carol@example.com"))
    page.goto(f"{site.url}/members/")
    page.get_by_role("link", name="carol@example.com").click()
    page.get_by_role("link", name="Deactivate").click()
    page.get_by_role("button", name="Deactivate").click()
    expect(page.get_by_text("carol@example.com is deactivated and signed out everywhere.")).to_be_visible()
    visitor.get_by_role("link", name="Connectors", exact=True).first.click()
    expect(visitor.get_by_role("heading", name="Sign in")).to_be_visible()
    visitor.context.close()
