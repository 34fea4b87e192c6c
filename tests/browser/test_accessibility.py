"""axe-core finds nothing to complain about on any page, light and dark, on a laptop and on a phone.

The pages are those of `tests/showroom/pages.py`, as each person sees them.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from dashboard.urls import urlpatterns
from tests.access.test_matrix import walk
from tests.browser.axe import LOOKS, look, overflow, violations
from tests.showroom import Showroom, showroom
from tests.showroom.browsing import visit
from tests.showroom.pages import NO_PAGE, PEOPLE, looks


@pytest.fixture(scope="module")
def room(worker_id: str) -> Iterator[Showroom]:
    with showroom(worker_id=worker_id) as room:
        yield room


def test_every_address_is_looked_at_or_is_no_page() -> None:
    ours = [each for each in urlpatterns if getattr(each, "namespace", None) != "admin"]
    addresses = {page.name for page in walk(ours) if page.name}
    looked_at = {each.name for each in looks() if not each.name.startswith("-")}
    assert addresses - NO_PAGE == looked_at


@pytest.mark.timeout(600)
@pytest.mark.parametrize("who", PEOPLE)
def test_no_page_has_a_barrier_or_scrolls_sideways(room: Showroom, browser: Browser, who: str) -> None:
    """Each is opened once, and looked at in both themes and at both widths, the second time all unfolded.

    The first, which has the frame of all, in all four ways.
    """
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    barriers = []
    pages = [shown for shown in room.pages if shown.who == who]
    for shown in pages:
        page.set_viewport_size({"width": LOOKS[0][0], "height": 800})
        visit(page, room, shown)
        for width, scheme in LOOKS if shown is pages[0] else (LOOKS[0], LOOKS[-1]):
            look(page, width, scheme)
            found = violations(page)
            if (sideways := overflow(page)) > 0:
                found.append(f"scrolls sideways by {sideways} px")
            page.locator("main details").evaluate_all("all => all.forEach(each => { each.open = true; })")
            barriers += [f"{width} {scheme} {shown.picture} {shown.path}: {each}" for each in found]
    context.close()
    assert not barriers, "\n".join(barriers)
