"""From an invitation to a connector, and out again: one member's whole life here, with two-factor."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import CLIPBOARD, Site
from tests.browser.test_main_job import pick, submit
from tests.browser.test_members import PASSWORD, invite, join
from tests.browser.test_two_factor import add_app, enter_code, sign_out

__all__ = ["invite"]
EMAIL, KEY = "dina@example.com", "dinas-own-key-0001"


def test_invited_two_factor_key_connector_and_deactivated(
    invite: Callable[[str], str],
    browser: Browser,
    page: Page,
    site: Site,
) -> None:
    sandbox: Any = site.sandbox
    sandbox.add_key(KEY, "user_dina")
    context = browser.new_context()
    context.add_init_script(CLIPBOARD)
    dina = context.new_page()
    join(dina, invite(EMAIL))
    secret = add_app(dina, site.url)
    sign_out(dina, site.url)
    sign_in_with_code(dina, secret)
    connect(dina, site)
    address = dina.locator(".copy-big [data-copy-value]").inner_text()
    assert address.endswith("@bigdata.com")
    deactivate(page, site)
    dina.get_by_role("link", name="Connectors", exact=True).first.click()
    expect(dina.get_by_role("heading", name="Sign in")).to_be_visible()
    context.close()


def sign_in_with_code(page: Page, secret: str) -> None:
    page.fill("[name=login]", EMAIL)
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    enter_code(page, secret, "Sign in")
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()


def connect(page: Page, site: Site) -> None:
    """Add the key, then an inbox."""
    page.get_by_role("link", name="Add API key").first.click()
    page.get_by_label("API key").fill(KEY)
    page.get_by_role("button", name="Add API key").click()
    expect(page.get_by_text("Your API key was checked with Bigdata.com and added.")).to_be_visible()
    pick(page, site, "Email inbox")
    page.get_by_label("Label").fill("Dina's research")
    page.get_by_label("Allowed senders").fill("research@broker.com")
    submit(page)


def deactivate(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/members/")
    page.get_by_role("link", name=EMAIL, exact=True).click()
    page.get_by_role("link", name="Deactivate").click()
    page.get_by_role("button", name="Deactivate").click()
    expect(page.get_by_text(f"{EMAIL} is deactivated and signed out everywhere.")).to_be_visible()
