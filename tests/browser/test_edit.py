"""Edit as a person does it: what would change is shown in words, and a conflict costs nothing that was typed."""

from collections.abc import Callable

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tests.browser.test_main_job import add_key

PLANTED = "research@northbank.example"


@pytest.fixture
def inbox(site: Site, sign_in: Callable[..., Page]) -> str:
    """The address of an inbox of Alice's, who is signed in and on her keys page."""
    assert site.sandbox is not None
    [connector_id] = site.sandbox.plant("user_alice", label="Desk mail", description="Two\nlines")
    add_key(sign_in("alice"), site)
    return f"{site.url}/connectors/{connector_id}/"


def change_elsewhere(site: Site, inbox: str) -> None:
    assert site.sandbox is not None
    address = f"{site.sandbox.url}/contents/v1/connectors/{inbox.split('/')[-2]}"
    body = {"label": "Theirs", "config": {"allowed_emails": [PLANTED]}}
    requests.put(address, json=body, headers={"X-API-KEY": "sandbox-alice"}, timeout=5).raise_for_status()


def test_what_would_change_is_shown_going_back_keeps_it_and_yes_saves_it(inbox: str, page: Page) -> None:
    page.goto(inbox)
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Share with the organization").check()
    page.get_by_label("Allowed senders").fill(f"{PLANTED}\njane@gmial.com")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("1 sender added")).to_be_visible()
    expect(page.get_by_text("did you mean gmail.com")).to_be_visible()
    page.get_by_role("button", name="Go back").click()
    expect(page.get_by_label("Share with the organization")).to_be_checked()
    page.get_by_label("Allowed senders").fill(f"{PLANTED}\njane@gmail.com")
    page.get_by_role("button", name="Save changes").click()
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("Your changes were saved.")).to_be_visible()
    expect(page.get_by_label("Allowed senders")).to_contain_text("jane@gmail.com")
    expect(page.get_by_text("Shared with organization", exact=True)).to_be_visible()


def test_leaving_it_as_it_is_saves_nothing(inbox: str, page: Page) -> None:
    page.goto(f"{inbox}edit/")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("Nothing to save")).to_be_visible()


def test_a_conflict_shows_both_versions_and_keeps_what_was_typed(inbox: str, page: Page, site: Site) -> None:
    page.goto(f"{inbox}edit/")
    page.get_by_label("Label").fill("Mine")
    change_elsewhere(site, inbox)
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("row", name="Label")).to_contain_text("Theirs")
    expect(page.get_by_label("Label")).to_have_value("Mine")
    page.get_by_role("button", name="Save mine over it").click()
    expect(page.get_by_role("heading", name="Mine")).to_be_visible()
