"""`make screenshots`: pictures of every page there is, from the seeded demo with something of everything.

Without options: the pictures of docs/img/, one of each page and the README's. `--all`: every page as each person
sees it, at every width, light and dark, into var/screenshots/, to be looked at. `python -m bench.screenshots --all
--only 'connector-*' --width 360 --theme dark` makes some of them.
"""

import argparse
import base64
import time
from collections.abc import Iterable
from fnmatch import fnmatch
from pathlib import Path

from playwright.sync_api import Browser, Page
from playwright.sync_api import Error as PlaywrightError

from tests.showroom import Shown, Showroom, showroom
from tests.showroom.browsing import chromium, visit

ROOT = Path(__file__).resolve().parent.parent
DOCS, LOOKED_AT = ROOT / "docs" / "img", ROOT / "var" / "screenshots"
WIDTHS, THEMES = (360, 768, 1280, 1920), ("light", "dark")
HEIGHT = 800
# Picture of a page → its names in docs/img/, with width and theme.
OF_README = {
    "overview-adam": [("overview", 1280, "light"), ("overview-dark", 1280, "dark")],
    "connectors-adam": [("connectors", 1280, "light"), ("connectors-phone", 360, "light")],
    "created-email": [("created", 1280, "light")],
    "errors-adam": [("errors", 1280, "light"), ("errors-dark", 1280, "dark")],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--only", default="*", metavar="PATTERN", help="pictures whose names are like that")
    parser.add_argument("--width", type=int, choices=WIDTHS, action="append")
    parser.add_argument("--theme", choices=THEMES, action="append")
    parser.add_argument("--folder", type=Path, default=LOOKED_AT)
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    with showroom(options.port) as room, chromium() as browser:
        pages = [each for each in room.pages if fnmatch(each.picture, options.only)]
        if options.all:
            for width in options.width or WIDTHS:
                for theme in options.theme or THEMES:
                    _take_all(browser, room, pages, width, theme, options.folder)
        else:
            _take_documented(browser, room, pages)


def _take_all(
    browser: Browser, room: Showroom, pages: Iterable[Shown], width: int, theme: str, folder: Path
) -> None:
    began, taken = time.monotonic(), 0
    page = _page(browser, width, theme)
    for shown in pages:
        _take(page, room, shown, folder / f"{width}-{theme}" / f"{shown.picture}.png")
        taken += 1
    page.context.close()
    print(f"{folder}/{width}-{theme}: {taken} pictures in {time.monotonic() - began:.0f} s", flush=True)


def _take_documented(browser: Browser, room: Showroom, pages: list[Shown]) -> None:
    page = _page(browser, 1280, "light")
    for shown in pages:
        if shown.is_first:
            _take(page, room, shown, DOCS / "pages" / f"{shown.picture}.webp")
    page.context.close()
    for shown in pages:
        for name, width, theme in OF_README.get(shown.picture, []):
            page = _page(browser, width, theme)
            _take(page, room, shown, DOCS / f"{name}.png")
            page.context.close()


def _page(browser: Browser, width: int, theme: str) -> Page:
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHT},
        color_scheme="dark" if theme == "dark" else "light",
        timezone_id="UTC",
        reduced_motion="reduce",
    )
    context.set_default_timeout(10_000)
    return context.new_page()


def _take(page: Page, room: Showroom, shown: Shown, file: Path) -> None:
    """The whole page; of the longest, what one sees at first. PNG, or WebP, which Playwright does not know."""
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        visit(page, room, shown)
        if file.suffix == ".png":
            page.screenshot(path=file, full_page=file.stem != "connectors-phone", animations="disabled")
        else:
            options = {"format": "webp", "quality": 45, "captureBeyondViewport": True}
            told = page.context.new_cdp_session(page).send("Page.captureScreenshot", options)
            file.write_bytes(base64.b64decode(told["data"]))
    except (PlaywrightError, AssertionError) as error:
        print(f"{shown.picture}: {str(error)[:300]}", flush=True)


if __name__ == "__main__":
    main()
