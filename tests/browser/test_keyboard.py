"""By keyboard alone: single keys and their list, the way past the navigation, and where the focus goes on."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Site
from tests.browser.test_main_job import add_key, pick


@pytest.fixture
def page_of_alice(sign_in: Callable[..., Page]) -> Page:
    return sign_in("alice")


def shortcuts(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Keyboard shortcuts")


def test_a_slash_goes_to_the_search_and_is_typed_where_somebody_types(page_of_alice: Page) -> None:
    page = page_of_alice
    page.keyboard.press("/")
    expect(page.get_by_label("Search connectors")).to_be_focused()
    page.keyboard.type("/n?")
    expect(page.get_by_label("Search connectors")).to_have_value("/n?")
    expect(shortcuts(page)).to_be_hidden()


def test_n_goes_to_a_new_connector(site: Site, page_of_alice: Page) -> None:
    page_of_alice.keyboard.press("Control+n")
    page_of_alice.keyboard.press("n")
    page_of_alice.wait_for_url(f"{site.url}/connectors/new/")


def test_n_does_nothing_for_who_may_create_none(site: Site, sign_in: Callable[..., Page]) -> None:
    page = sign_in("sam")
    page.keyboard.press("n")
    page.keyboard.press("?")
    expect(shortcuts(page).get_by_text("Search connectors")).to_be_visible()
    expect(shortcuts(page).get_by_text("New connector")).to_have_count(0)
    assert page.url == f"{site.url}/"


def test_the_list_of_keys_keeps_the_focus_and_gives_it_back(page_of_alice: Page) -> None:
    page = page_of_alice
    link = page.get_by_role("link", name="Errors").first
    link.focus()
    page.keyboard.press("?")
    expect(shortcuts(page)).to_be_visible()
    for _ in range(12):
        page.keyboard.press("Tab")
        assert page.evaluate(
            "document.activeElement === document.body || shortcuts.contains(document.activeElement)"
        )
    page.keyboard.press("Escape")
    expect(shortcuts(page)).to_be_hidden()
    expect(link).to_be_focused()


def test_the_list_of_keys_is_opened_without_a_key_and_its_entries_can_be_pressed(page_of_alice: Page) -> None:
    page = page_of_alice
    page.get_by_role("button", name="Account").press("Enter")
    page.get_by_role("button", name="Keyboard shortcuts").press("Enter")
    shortcuts(page).get_by_role("button", name="Search connectors").press("Enter")
    expect(shortcuts(page)).to_be_hidden()
    expect(page.get_by_label("Search connectors")).to_be_focused()


def test_single_keys_can_be_turned_off_for_good(site: Site, page_of_alice: Page) -> None:
    page = page_of_alice
    page.keyboard.press("?")
    shortcuts(page).get_by_role("checkbox").press("Space")
    page.keyboard.press("Escape")
    page.reload()
    for key in "n/?":
        page.keyboard.press(key)
    expect(shortcuts(page)).to_be_hidden()
    expect(page.get_by_label("Search connectors")).not_to_be_focused()
    expect(page.get_by_label("Search connectors")).not_to_have_attribute("aria-keyshortcuts", "/")
    assert page.url == f"{site.url}/"
    page.get_by_role("button", name="Account").click()
    page.get_by_role("button", name="Keyboard shortcuts").click()
    shortcuts(page).get_by_role("checkbox").check()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Account")).to_be_focused()
    page.keyboard.press("/")
    expect(page.get_by_label("Search connectors")).to_be_focused()


def test_the_first_tab_leads_past_the_navigation(site: Site, page_of_alice: Page) -> None:
    page = page_of_alice
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_the_focus_goes_through_navigation_top_bar_and_page_in_that_order(page_of_alice: Page) -> None:
    page = page_of_alice
    order = []
    for _ in range(25):
        page.keyboard.press("Tab")
        order.append(page.evaluate("document.activeElement.closest('.navbar, .top-bar, main')?.className ?? ''"))
    places = [name for name, before in zip(order, [None, *order], strict=False) if name and name != before]
    assert [place.split()[0] for place in places[:3]] == ["navbar", "top-bar", "page-main"]


def test_the_summary_follows_what_is_typed_and_switched(site: Site, page_of_alice: Page) -> None:
    page = page_of_alice
    page.goto(f"{site.url}/connectors/new/email/")
    summary = page.get_by_role("complementary", name="Summary")
    page.get_by_label("Allowed senders").fill(
        "a@desk.example, A@Desk.example\nnobody b@ c@nodomain <d@desk.example>"
    )
    expect(summary.get_by_text("Allowed senders: 2.")).to_be_visible()
    lock, group = (summary.locator(f"use[href$='#{icon}']") for icon in ("lock", "users-group"))
    expect(summary.get_by_text("Private to owner")).to_be_visible()
    expect(lock.locator("..")).to_be_visible()
    expect(group.locator("..")).to_be_hidden()
    page.get_by_label("Share with the organization").press("Space")
    expect(group.locator("..")).to_be_visible()
    expect(lock.locator("..")).to_be_hidden()


def test_after_mistakes_the_first_wrong_field_has_the_focus(site: Site, page_of_alice: Page) -> None:
    page = page_of_alice
    add_key(page, site)
    pick(page, site, "Email inbox")
    page.get_by_label("Label").fill("Kept")
    page.get_by_label("Allowed senders").fill("not an address")
    page.get_by_role("button", name="Create connector").press("Enter")
    expect(page.get_by_label("Allowed senders")).to_be_focused()
    expect(page.get_by_label("Allowed senders")).to_have_accessible_description(
        re.compile("is not an email address")
    )


@pytest.mark.parametrize("menu", ["Theme", "Account"])
def test_a_menu_gives_the_focus_back(page_of_alice: Page, menu: str) -> None:
    page = page_of_alice
    button = page.get_by_role("button", name=menu, exact=True)
    button.press("Enter")
    page.keyboard.press("Tab")
    expect(button).not_to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("[popover]:popover-open")).to_have_count(0)
    expect(button).to_be_focused()


@pytest.mark.parametrize("key", ["Tab", "Shift+Tab"])
@pytest.mark.parametrize("menu", ["Theme", "Account"])
def test_a_menu_closes_when_the_focus_leaves_it(page_of_alice: Page, menu: str, key: str) -> None:
    page = page_of_alice
    page.get_by_role("button", name=menu, exact=True).press("Enter")
    opened = page.locator("[popover]:popover-open")
    page.keyboard.press("Tab")
    expect(opened).to_have_count(1)
    for _ in range(5):
        page.keyboard.press(key)
    expect(opened).to_have_count(0)
    assert page.evaluate("document.activeElement !== document.body")


# How far two colors stand out from each other, as WCAG reckons it.
CONTRAST = """(one, other) => {
  const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const light = color => {
    pen.fillStyle = color;
    pen.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...pen.getImageData(0, 0, 1, 1).data].map(part => part / 255)
      .map(part => part <= .04045 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b + .05;
  };
  return Math.max(light(one), light(other)) / Math.min(light(one), light(other));
}"""
# Of the ring of what has the focus and the page; 0 for no ring.
RING = f"""() => {{
  const ring = getComputedStyle(document.activeElement);
  if (ring.outlineStyle !== "solid" || parseFloat(ring.outlineWidth) < 2) return 0;
  return ({CONTRAST})(ring.outlineColor, getComputedStyle(document.body).backgroundColor);
}}"""
# Of the words of what has the focus and what is behind them.
WORDS = f"""() => {{
  const look = getComputedStyle(document.activeElement);
  return ({CONTRAST})(look.color, look.backgroundColor);
}}"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_way_past_the_navigation_can_be_read(page_of_alice: Page, theme: str) -> None:
    page = page_of_alice
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    assert page.evaluate(WORDS) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_has_the_focus_has_a_ring_that_can_be_seen(site: Site, page_of_alice: Page, theme: str) -> None:
    page = page_of_alice
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
    page.set_viewport_size({"width": 700, "height": 700})
    add_key(page, site)
    page.goto(f"{site.url}/connectors/new/email/")
    page.get_by_role("button", name="Create connector").click()
    expect(page.get_by_label("Label")).to_be_focused()
    assert page.evaluate(RING) >= 3
    page.get_by_role("button", name="Navigation").focus()
    for _ in range(12):
        assert page.evaluate(RING) >= 3, page.evaluate("document.activeElement.outerHTML")
        page.keyboard.press("Tab")


def test_forced_colors_still_tell_what_is_ticked_and_what_is_current(site: Site, page_of_alice: Page) -> None:
    page = page_of_alice
    page.emulate_media(forced_colors="active")
    page.goto(f"{site.url}/connectors/new/email/")
    expect(page.get_by_label("Share with the organization")).to_have_css("appearance", "auto")
    expect(page.locator(".navbar-nav [aria-current]")).to_have_css("text-decoration-line", "underline")
    expect(page.get_by_role("link", name="Errors").first).to_have_css("text-decoration-line", "none")


def test_who_loses_the_focused_part_goes_on_in_the_new_one(site: Site, page_of_alice: Page) -> None:
    """As on a page that brings its parts up to date by itself."""
    page = page_of_alice
    add_key(page, site)
    page.goto(f"{site.url}/connectors/?q=zebra")
    page.locator("#list-results").evaluate(
        "part => { part.innerHTML = '<a href=\"#\">old</a>'; part.firstChild.focus(); }"
    )
    page.evaluate("htmx.ajax('GET', '/connectors/', { target: '#list-results', swap: 'outerHTML' })")
    expect(page.locator("#list-results")).to_be_focused()


def test_on_a_phone_the_navigation_unfolds_and_folds(page_of_alice: Page) -> None:
    page = page_of_alice
    page.set_viewport_size({"width": 360, "height": 700})
    burger, entry = page.get_by_role("button", name="Navigation"), page.get_by_role("link", name="Errors")
    for shown in (False, True, False):
        expect(entry).to_be_visible(visible=shown)
        expect(burger).to_have_attribute("aria-expanded", str(shown).lower())
        burger.press("Enter")
