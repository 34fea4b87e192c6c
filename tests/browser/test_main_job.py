"""The main job as a person does it: sign in, add an API key, create each type, see what comes of it.

Runs against a server of its own; with BROWSER_BASE_URL, BROWSER_EMAIL and BROWSER_PASSWORD against one that runs.
"""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import Site


def add_key(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/keys/")
    page.fill("[name=api_key]", "sandbox-alice")
    page.get_by_role("button", name=re.compile("Add API key|Replace key")).click()
    expect(page.get_by_text("was checked with Bigdata.com")).to_be_visible()


def pick(page: Page, site: Site, type_label: str) -> None:
    page.goto(f"{site.url}/")
    page.get_by_role("link", name="New connector").first.click()
    page.get_by_role("link", name=type_label).click()


def submit(page: Page) -> None:
    page.get_by_role("button", name="Create connector").click()
    page.wait_for_url("**/created/")


def test_the_main_job_for_all_three_types(site: Site, sign_in: Callable[..., Page]) -> None:
    page = sign_in()
    add_key(page, site)

    pick(page, site, "Email inbox")
    page.get_by_label("Label").fill("Equity research, Europe")
    page.get_by_label("Allowed senders").fill("research@broker.com\nJane <jane@bank.com>")
    expect(page.get_by_label("Summary")).to_contain_text("Equity research, Europe")
    submit(page)
    page.get_by_role("button", name="Copy address").click()
    address = page.evaluate("window.copied")
    assert re.fullmatch(r"[0-9a-f]+@bigdata\.com", address)
    expect(page.locator("main")).to_contain_text(address)

    pick(page, site, "Broker research")
    page.get_by_label("Label").fill("Daily reports")
    page.get_by_label("Broker user ID").fill("alice.k")
    page.get_by_label("Broker password").fill("a-broker-password")
    submit(page)
    page.get_by_role("link", name="See the connector").click()
    expect(page.locator("[data-state]")).to_be_visible()
    expect(page.get_by_text("Last sync")).to_be_visible()
    expect(page.get_by_text("Files", exact=True)).to_be_visible()

    pick(page, site, "SharePoint")
    page.get_by_label("Label").fill("Deals library")
    page.get_by_label("Session ID").fill("a-session-id")
    submit(page)

    page.goto(f"{site.url}/connectors/")
    for label in ("Equity research, Europe", "Daily reports", "Deals library"):
        expect(page.get_by_role("link", name=label).first).to_be_visible()


def test_a_double_click_creates_one_connector(site: Site, sign_in: Callable[..., Page]) -> None:
    page = sign_in()
    add_key(page, site)
    pick(page, site, "SharePoint")
    page.get_by_label("Label").fill("Clicked twice")
    page.get_by_label("Session ID").fill("a-session-id")
    page.get_by_role("button", name="Create connector").dblclick()
    page.wait_for_url("**/created/")
    page.goto(f"{site.url}/connectors/")
    expect(page.get_by_role("link", name="Clicked twice")).to_have_count(1)


def test_the_back_button_after_a_create_makes_no_second_one_unasked(
    site: Site, sign_in: Callable[..., Page]
) -> None:
    """The browser fills the form again, except for what is hidden: its operation is a new one."""
    page = sign_in()
    add_key(page, site)
    pick(page, site, "Email inbox")
    page.get_by_label("Label").fill("Gone back")
    page.get_by_label("Allowed senders").fill("research@broker.com")
    submit(page)
    page.go_back()
    expect(page.get_by_label("Label")).to_have_value("Gone back")
    page.get_by_role("button", name="Create connector").click()
    expect(page.get_by_role("alert")).to_contain_text("You created Gone back")
    page.get_by_role("button", name="Create another").click()
    page.wait_for_url("**/created/")
    page.goto(f"{site.url}/connectors/")
    expect(page.get_by_role("link", name="Gone back")).to_have_count(2)


def test_a_mistake_is_shown_at_its_field_and_nothing_typed_is_lost(
    site: Site, sign_in: Callable[..., Page]
) -> None:
    page = sign_in()
    add_key(page, site)
    pick(page, site, "Email inbox")
    page.get_by_label("Label").fill("Kept")
    page.get_by_label("Allowed senders").fill("not an address")
    page.get_by_role("button", name="Create connector").click()
    expect(page.get_by_label("Label")).to_have_value("Kept")
    expect(page.get_by_label("Allowed senders")).to_have_value("not an address")
    expect(page.get_by_text("is not an email address")).to_be_visible()
