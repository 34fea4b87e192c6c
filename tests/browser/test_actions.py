"""Sync, archive, delete, replace credentials as a person does them, with the page following what happens."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tests.browser.test_main_job import add_key

BROKER = {"type": "investment_research", "label": "Broker feed", "config": {"user_id": "desk-7"}}


@pytest.fixture
def plant(site: Site, sign_in: Callable[..., Page]) -> Callable[..., str]:
    """Make a connector of Alice's, who is signed in; gives its address."""
    member = sign_in("alice")

    def make(**fields: object) -> str:
        assert site.sandbox is not None
        [connector_id] = site.sandbox.plant("user_alice", **fields)
        add_key(member, site)
        return f"{site.url}/connectors/{connector_id}/"

    return make


def test_a_sync_is_followed_to_its_result(plant: Callable[..., str], page: Page, site: Site) -> None:
    assert site.sandbox is not None
    page.goto(plant(**BROKER))
    page.get_by_role("link", name="Sync now").click()
    page.get_by_role("button", name="Sync now").click()
    expect(page.locator("[data-state=syncing]")).to_be_visible()
    site.sandbox.advance(10)
    expect(page.locator("[data-state=healthy]")).to_be_visible(timeout=15_000)


def test_archive(plant: Callable[..., str], page: Page) -> None:
    page.goto(plant(label="To archive"))
    page.get_by_role("link", name="Archive").click()
    page.get_by_role("button", name="Archive").click()
    expect(page.locator("[data-state=archived]")).to_be_visible()
    archive = page.get_by_role("link", name="Archive", exact=True)
    expect(archive).to_be_disabled()
    expect(archive).to_have_accessible_description(re.compile(r"Archive · It is archived already\."))
    expect(page.get_by_text("It is archived already.")).to_be_visible()


def test_delete_for_good_is_followed_until_it_is_gone(plant: Callable[..., str], page: Page, site: Site) -> None:
    assert site.sandbox is not None
    page.goto(plant(label="To delete", files_count=3200))
    page.get_by_role("link", name="Delete for good").click()
    page.get_by_label("Type its label to confirm").fill("To delete")
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_text("Tick this as well")).to_be_visible()
    page.get_by_label("I know that deleting it deletes its 3,200 documents").check()
    page.get_by_role("button", name="Delete for good").click()
    expect(page.locator("[data-state=deleting]")).to_be_visible()
    site.sandbox.advance(10)
    expect(page.locator("[data-state=gone]")).to_be_visible(timeout=15_000)
    expect(page.get_by_text("Deleted for good:")).to_be_visible()


def test_a_successor_replaces_a_failing_connector(plant: Callable[..., str], page: Page, site: Site) -> None:
    assert site.sandbox is not None
    failed = {"last_sync_at": "2026-03-05T10:00:00Z", "last_sync_status": "FAILED"}
    page.goto(plant(**BROKER, **failed))
    page.get_by_role("link", name="Replace credentials").first.click()
    page.get_by_label("Broker password").fill("a-new-password")
    page.get_by_role("button", name="Create the new connector").click()
    expect(page.get_by_text("Waiting for its first good sync")).to_be_visible()
    site.sandbox.sync_result(page.url.split("/")[-2], now=True, status="SUCCESS")
    page.get_by_role("link", name="Archive the old one").click(timeout=15_000)
    page.get_by_role("button", name="Archive").click()
    expect(page.get_by_text("takes its place")).to_be_visible()
