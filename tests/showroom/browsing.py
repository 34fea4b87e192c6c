"""Chromium in a showroom: each page as the person sees it who looks."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, Response, sync_playwright

from tests.showroom import Shown, Showroom
from tests.showroom.acts import ACTS

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium_path() -> str | None:
    """CHROMIUM, or the one that is installed."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)


def visit(page: Page, room: Showroom, shown: Shown) -> None:
    """Open it as the person, and do there what shows it. Neither may end in an error of the server."""
    page.context.clear_cookies(name="sessionid")
    if session := room.sessions.get(shown.who):
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": room.url}])
    statuses: list[int] = []

    def note(answer: Response) -> None:
        if answer.request.resource_type in {"document", "xhr", "fetch"}:
            statuses.append(answer.status)

    page.on("response", note)
    try:
        page.goto(room.url + shown.path)
        if act := ACTS.get(shown.picture):
            act(page)
        # Parts that ask for themselves once the page has come.
        page.locator("main .htmx-request").first.wait_for(state="detached")
    finally:
        page.remove_listener("response", note)
    assert statuses, shown
    assert max(statuses) < 500, f"{shown}: {statuses}"
