"""The list in a browser: what is typed and chosen narrows it down at once, and rows can be selected."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Site


@pytest.fixture(scope="module")
def shelves(site: Site) -> None:
    """Sixty connectors that upstream shows to Sam: every other one a SharePoint library, ten of them "upper"."""
    if site.sandbox is None:
        pytest.skip("needs a sandbox of its own to fill")
    for number in range(60):
        label = f"Shelf {number:02}{' upper' if 10 <= number < 20 else ''}"
        created_at = f"2026-01-01T00:{number:02}:00Z"
        kind = "sharepoint" if number % 2 else "email"
        site.sandbox.plant("user_sam", type=kind, label=label, created_at=created_at)


@pytest.fixture
def listed(site: Site, shelves: None, sign_in: Callable[..., Page]) -> Page:
    page = sign_in("sam")
    page.goto(f"{site.url}/keys/")
    page.fill("[name=api_key]", "sandbox-sam")
    page.get_by_role("button", name=re.compile("Add API key|Replace key")).click()
    expect(page.get_by_text("was checked with Bigdata.com")).to_be_visible()
    page.goto(f"{site.url}/connectors/?q=shelf")
    return page


def shown(page: Page) -> int:
    return page.locator("tr[data-connector-id]").count()


def test_typing_and_choosing_narrow_the_list_down_and_say_so(listed: Page) -> None:
    listed.get_by_label("Search connectors").press("End")
    listed.keyboard.type(" upp")
    expect(listed.locator("main").get_by_text("10 connectors match")).to_be_visible()
    expect(listed.locator("#live")).to_have_text("10 connectors match")
    expect(listed.get_by_label("Search connectors")).to_be_focused()
    listed.get_by_label("Type").select_option("SharePoint")
    expect(listed.locator("main").get_by_text("5 connectors match")).to_be_visible()
    assert listed.url.endswith("/connectors/?q=shelf+upp&type=sharepoint")
    listed.get_by_label("Search connectors").fill("nothing")
    expect(listed.locator("#live")).to_have_text("No connectors match")
    listed.get_by_role("link", name="Clear the filters").click()
    expect(listed.get_by_label("Search connectors")).to_have_value("")


def test_a_search_in_the_top_bar_leads_to_its_first_hit_and_says_how_many(site: Site, listed: Page) -> None:
    listed.goto(f"{site.url}/audit/")
    listed.keyboard.press("/")
    listed.keyboard.type("upper")
    listed.keyboard.press("Enter")
    expect(listed.get_by_role("link", name="Shelf 19 upper")).to_be_focused()
    expect(listed.locator("#live")).to_have_text("10 connectors match")
    assert listed.evaluate("scrollY") == 0
    listed.goto(f"{site.url}/audit/")
    listed.get_by_label("Search connectors").fill("nothing")
    listed.keyboard.press("Enter")
    expect(listed.get_by_role("heading", name="No connectors match")).to_be_focused()


def test_enter_in_the_list_s_own_search_leads_to_the_first_hit(listed: Page) -> None:
    search = listed.get_by_label("Search connectors")
    search.fill("upper")
    search.press("Enter")
    hit = listed.get_by_role("link", name="Shelf 19 upper")
    expect(hit).to_be_focused()
    listed.wait_for_timeout(600)  # The answer to what was typed comes now, and takes nobody elsewhere.
    expect(hit).to_be_focused()
    listed.keyboard.press("/")
    listed.keyboard.type("zebra")
    expect(listed.locator("#live")).to_have_text("No connectors match")
    expect(search).to_be_focused()


def test_sorting_stays_among_the_headings(listed: Page) -> None:
    listed.get_by_role("link", name="Last sync", exact=True).press("Enter")
    listed.wait_for_url("**sort=*")
    assert listed.evaluate("document.activeElement === document.body")


def test_a_slash_goes_to_the_search_of_the_list_itself(listed: Page) -> None:
    listed.keyboard.press("/")
    expect(listed.get_by_label("Search connectors")).to_be_focused()


def test_the_back_button_goes_back_to_what_was_filtered_before(listed: Page) -> None:
    listed.get_by_label("Type").select_option("SharePoint")
    expect(listed.locator("main").get_by_text("30 connectors match")).to_be_visible()
    listed.go_back()
    expect(listed.locator("main").get_by_text("60 connectors match")).to_be_visible()
    expect(listed.get_by_label("Type")).to_have_value("")


def test_a_whole_page_and_then_all_that_match_are_selected(listed: Page) -> None:
    everything = listed.get_by_label("Select all 60 that match")
    expect(listed.get_by_role("button", name="Sync now")).to_be_hidden()
    listed.get_by_label("Select all on this page").check()
    expect(listed.locator("main").get_by_text("50 selected")).to_be_visible()
    everything.check()
    expect(listed.locator("#live")).to_have_text("All 60 that match")
    listed.get_by_label("Select Shelf 30", exact=True).uncheck()
    expect(listed.locator("main").get_by_text("49 selected")).to_be_visible()
    expect(everything).to_be_hidden()
    assert not everything.is_checked()


def test_on_a_phone_too_all_on_the_page_are_selected_and_cleared(listed: Page) -> None:
    listed.set_viewport_size({"width": 360, "height": 640})
    page_box = listed.get_by_label("Select all on this page")
    expect(listed.get_by_text("Select all on this page")).to_be_in_viewport()
    page_box.check()
    expect(listed.locator("main").get_by_text("50 selected")).to_be_visible()
    listed.get_by_role("button", name="Clear", exact=True).click()
    expect(listed.locator(".selection")).to_be_hidden()
    expect(listed.locator("#live")).to_have_text("0 selected")
    expect(page_box).to_be_focused()


def test_a_state_says_whether_it_is_of_what_is_archived(listed: Page) -> None:
    archived = listed.get_by_label("Archived", exact=True)
    expect(archived).to_be_visible()
    listed.get_by_label("State", exact=True).select_option("Archived")
    expect(archived).to_be_hidden()
    expect(listed.locator("main").get_by_text("No connectors match")).to_be_visible()
    listed.get_by_label("State", exact=True).select_option("Any state")
    expect(archived).to_be_visible()
    expect(listed.locator("main").get_by_text("60 connectors match")).to_be_visible()


def test_the_bar_of_actions_does_not_cover_the_row_that_has_the_focus(listed: Page) -> None:
    listed.emulate_media(reduced_motion="reduce")
    listed.set_viewport_size({"width": 640, "height": 400})
    listed.get_by_label("Select Shelf 59", exact=True).check()
    bar = listed.locator(".selection")
    expect(bar).to_be_visible()
    listed.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    for _ in range(15):
        listed.keyboard.press("Tab")
        row = listed.locator(":focus").bounding_box()
        covered_from = bar.bounding_box()
        assert row
        assert covered_from
        assert row["y"] + row["height"] <= covered_from["y"]


def test_what_is_selected_is_what_is_sent(listed: Page) -> None:
    for label in ("Shelf 41", "Shelf 43"):
        listed.get_by_label(f"Select {label}", exact=True).check()
    ids = [box.get_attribute("value") for box in listed.locator("[name=connector]:checked").all()]
    with listed.expect_request("**/bulk/new/") as sent:
        listed.get_by_role("button", name="Sync now").click()
    # To close a page that is just about to show another one may take Chromium for ever.
    listed.wait_for_url("**/bulk/new/")
    body = sent.value.post_data or ""
    assert re.findall(r"connector=([^&]+)", body) == ids
    assert "action=sync" in body
    assert "all_matching" not in body


def test_the_list_works_without_javascript(site: Site, listed: Page, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, storage_state=listed.context.storage_state())
    page = context.new_page()
    page.goto(f"{site.url}/connectors/?q=shelf")
    page.get_by_label("Type").select_option("SharePoint")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("main").get_by_text("30 connectors match")).to_be_visible()
    page.get_by_role("link", name="Name").click()
    assert page.locator("tr[data-connector-id] a").first.text_content() == "Shelf 01"
    page.get_by_label("Select Shelf 01", exact=True).check()
    expect(page.get_by_role("button", name="Sync now")).to_be_visible()
    context.close()


def test_on_a_phone_the_filters_are_folded(listed: Page) -> None:
    listed.set_viewport_size({"width": 360, "height": 740})
    expect(listed.get_by_label("Search connectors")).to_be_visible()
    listed.goto(listed.url.partition("?")[0])
    expect(listed.get_by_label("State")).to_be_hidden()
    listed.locator("main").get_by_text("Filters", exact=True).click()
    listed.get_by_label("Order").select_option("Name, A to Z")
    expect(listed).to_have_url(re.compile(r"sort=label"))
    assert shown(listed) > 0
    assert listed.evaluate("document.documentElement.scrollWidth") == 360
