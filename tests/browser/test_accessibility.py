"""axe-core finds nothing to complain about on any page, light and dark, on a laptop and on a phone."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Site
from tests.browser.test_main_job import add_key, pick, submit

AXE = (Path(__file__).parent / "vendor" / "axe-4.14.1" / "axe.min.js").read_text()
RUN_AXE = """Promise.race([
  axe.run().then(result => result.violations),
  new Promise((_, fail) => setTimeout(() => fail(new Error("axe did not end")), 60000)),
])"""
LOOKS = [(1280, "light"), (1280, "dark"), (360, "light"), (360, "dark")]


def violations(page: Page) -> list[str]:
    # Through the debugger, which the page's own content security policy does not concern.
    page.evaluate(AXE)
    found: list[dict[str, Any]] = page.evaluate(RUN_AXE)
    return [f"{each['id']}: {[node['html'][:120] for node in each['nodes'][:3]]}" for each in found]


def overflow(page: Page) -> int:
    width: int = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return width


def pages_of_a_member(page: Page, site: Site) -> list[str]:
    add_key(page, site)
    pick(page, site, "Email inbox")
    page.get_by_label("Label").fill("Looked at")
    page.get_by_label("Allowed senders").fill("research@broker.com")
    submit(page)
    created = page.url
    detail = created.removesuffix("created/")
    of_one = ["", "edit/", "sync/", "archive/", "delete/", "history/", "documents/", "bundle/"]
    forms = [f"{site.url}/connectors/new/{key}/" for key in ("email", "investment_research", "sharepoint")]
    paths = ["", "connectors/", "connectors/new/", "keys/", "keys/remove/", "bulk/"]
    plain = [f"{site.url}/{path}" for path in paths]
    return [*plain, *forms, created, *(detail + path for path in of_one), f"{site.url}/nowhere/"]


def pages_of_an_admin(page: Page, site: Site) -> list[str]:
    paths = [
        "",
        "members/",
        "members/invite/",
        "keys/organization/",
        "audit/",
        "sharing/",
        "errors/",
        "alerts/",
        "alerts/notifications/",
        "organization/",
    ]
    of_the_account = ["", "2fa/", "sessions/", "password/change/"]
    return [f"{site.url}/{path}" for path in (*paths, *(f"account/{path}" for path in of_the_account))]


@pytest.mark.parametrize(("name", "pages"), [("alice", pages_of_a_member), ("adam", pages_of_an_admin)])
def test_no_page_has_a_barrier_or_scrolls_sideways(
    site: Site, sign_in: Callable[..., Page], browser: Browser, name: str, pages: Callable[[Page, Site], list[str]]
) -> None:
    page = sign_in(name)
    addresses = pages(page, site)
    state = page.context.storage_state()
    barriers = []
    for width, scheme in LOOKS:
        context = browser.new_context(
            viewport={"width": width, "height": 800}, color_scheme=scheme, storage_state=state
        )
        look = context.new_page()
        for address in addresses:
            look.goto(address)
            barriers += [f"{width} {scheme} {address}: {each}" for each in violations(look)]
            if overflow(look) > 0:
                barriers.append(f"{width} {scheme} {address}: scrolls sideways by {overflow(look)} px")
        context.close()
    assert not barriers, "\n".join(barriers)


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_signing_in_has_no_barrier(site: Site, browser: Browser, width: int, scheme: str) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    page.goto(f"{site.url}/account/login/")
    assert violations(page) == []
    assert overflow(page) <= 0
    context.close()
