"""axe-core on a page, in any look."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = (Path(__file__).parent / "vendor" / "axe-4.14.1" / "axe.min.js").read_text()
RUN_AXE = """Promise.race([
  axe.run({ resultTypes: ["violations"], elementRef: false, preload: false }).then(result => result.violations),
  new Promise((_, fail) => setTimeout(() => fail(new Error("axe did not end")), 60000)),
])"""
LOOKS = [(1280, "light"), (1280, "dark"), (360, "light"), (360, "dark")]


def look(page: Page, width: int, scheme: str) -> None:
    """Look at the page in another way, without asking for it again."""
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    # By a script of ours, where the page has any.
    page.locator(f"html[data-bs-theme={scheme}], html:not([data-theme-follows])").wait_for(state="attached")


def violations(page: Page) -> list[str]:
    # Through the debugger, which the page's own content security policy does not concern.
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    found: list[dict[str, Any]] = page.evaluate(RUN_AXE)
    return [f"{each['id']}: {[node['html'][:120] for node in each['nodes'][:3]]}" for each in found]


def overflow(page: Page) -> int:
    width: int = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return width
