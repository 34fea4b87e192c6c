"""axe-core finds nothing to complain about on any page, light and dark, on a laptop and on a phone.

The pages are those of `tests/showroom/pages.py`, as each person sees them.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from dashboard.urls import urlpatterns
from tests.access.test_matrix import walk
from tests.showroom import Showroom, showroom
from tests.showroom.browsing import visit
from tests.showroom.pages import NO_PAGE, PEOPLE, looks

AXE = (Path(__file__).parent / "vendor" / "axe-4.14.1" / "axe.min.js").read_text()
RUN_AXE = """tags => Promise.race([
  axe.run({
    resultTypes: ["violations"], elementRef: false, preload: false, ...(tags ? { runOnly: tags } : {}),
  }).then(result => result.violations),
  new Promise((_, fail) => setTimeout(() => fail(new Error("axe did not end")), 60000)),
])"""
LOOKS = [(1280, "light"), (1280, "dark"), (360, "light"), (360, "dark")]
COLOURS = ["cat.color"]


def violations(page: Page, tags: list[str] | None = None) -> list[str]:
    # Through the debugger, which the page's own content security policy does not concern.
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    found: list[dict[str, Any]] = page.evaluate(RUN_AXE, tags)
    return [f"{each['id']}: {[node['html'][:120] for node in each['nodes'][:3]]}" for each in found]


def overflow(page: Page) -> int:
    width: int = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return width


@pytest.fixture(scope="module")
def room(worker_id: str) -> Iterator[Showroom]:
    with showroom(worker_id=worker_id) as room:
        yield room


def test_every_address_is_looked_at_or_is_no_page() -> None:
    addresses = {
        page.name
        for page in walk(urlpatterns)
        if page.name and not page.view.__module__.startswith("django.contrib.admin")
    }
    looked_at = {look.name for look in looks() if not look.name.startswith("-")}
    assert addresses - set(NO_PAGE) == looked_at


@pytest.mark.parametrize("who", PEOPLE)
def test_no_page_has_a_barrier_or_scrolls_sideways(room: Showroom, browser: Browser, who: str) -> None:
    """Each is opened once and then looked at in every way: of a theme only the colours are its own."""
    context = browser.new_context(reduced_motion="reduce")
    context.set_default_timeout(20_000)
    page = context.new_page()
    barriers = []
    for shown in room.pages:
        if shown.who != who:
            continue
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 1280, "height": 800})
        visit(page, room, shown)
        for width, scheme in LOOKS:
            page.set_viewport_size({"width": width, "height": 800})
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            found = violations(page, COLOURS if scheme == "dark" else None)
            if (sideways := overflow(page)) > 0:
                found.append(f"scrolls sideways by {sideways} px")
            barriers += [f"{width} {scheme} {shown.picture} {shown.path}: {each}" for each in found]
    context.close()
    assert not barriers, "\n".join(barriers)
