"""P8: what a first visit to the list loads, in Chromium with an empty cache; and what Lighthouse says of it."""

import os
import shutil
from typing import Any

from playwright.sync_api import sync_playwright

from bench import lighthouse
from bench.data import SIZES, member_of, organization_of
from bench.result import Result
from bench.serving import cookie_of, serving

_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]


def first_visit() -> list[Result]:
    cookie = cookie_of(member_of(organization_of(SIZES[-1]), "admin"))
    with serving() as (url, _):
        loaded = _loaded(f"{url}/connectors/", cookie)
        can_score = lighthouse.is_there()
        scores = lighthouse.run(f"{url}/connectors/", cookie) if can_score else {}
    kib = round(sum(loaded.values()) / 1024, 1)
    results = [
        Result("P8", "list, first visit: KiB over the wire", kib, 200, detail=loaded),
        Result("P8", "list, first visit: requests", len(loaded), 12),
    ]
    if can_score:
        results.append(
            Result("P8", "Lighthouse performance", scores["performance"], 95, at_least=True, detail=dict(scores))
        )
    return results


def _loaded(url: str, cookie: str) -> dict[str, int]:
    """Bytes by path: headers and bodies as they came, compressed."""
    paths: dict[str, str] = {}
    loaded: dict[str, int] = {}

    def note(event: dict[str, Any]) -> None:
        paths[event["requestId"]] = event["request"]["url"].removeprefix(url.rpartition("/connectors/")[0])

    def add(event: dict[str, Any]) -> None:
        path = paths[event["requestId"]]
        if not path.startswith("data:"):  # It stands in the style sheet.
            loaded[path] = int(event["encodedDataLength"])

    with sync_playwright() as playwright:
        program = os.environ.get("CHROME_PATH") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=program, args=_ARGUMENTS)
        context = browser.new_context()
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": url}])
        page = context.new_page()
        session = context.new_cdp_session(page)
        session.on("Network.requestWillBeSent", note)
        session.on("Network.loadingFinished", add)
        session.send("Network.enable")
        page.goto(url, wait_until="networkidle")
        browser.close()
    return dict(sorted(loaded.items(), key=lambda each: -each[1]))
