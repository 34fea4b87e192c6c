"""Lighthouse on one page, with the Chromium of CHROME_PATH: `run(url, session)`."""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.serving import free_port

VERSION = "12.8.2"
FOLDER = Path(__file__).resolve().parent.parent / "var" / "lighthouse"
_PROGRAM = FOLDER / "node_modules" / ".bin" / "lighthouse"
_CATEGORIES = "performance,accessibility,best-practices"
_ARGUMENTS = ("--disable-gpu", "--disable-quic", "--disable-background-networking")


def is_there() -> bool:
    """Whether it can be run; installs it into var/lighthouse if npm is there."""
    if not _PROGRAM.exists() and shutil.which("npm"):
        FOLDER.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--no-audit", "--no-fund", "--silent", "--prefix", FOLDER]
        subprocess.run([*command, f"lighthouse@{VERSION}"], check=False, stdout=subprocess.DEVNULL)
    return _PROGRAM.exists() and _chromium() is not None


def run(url: str, session: str, *, desktop: bool = True) -> dict[str, float]:
    """Score by category, from 0 to 100, for whom the session cookie signs in; an empty one for nobody."""
    with _signed_in(url, session) as (folder, port):
        report = folder / "report.json"
        command = [_PROGRAM, url, "--quiet", "--output=json", f"--output-path={report}", f"--port={port}"]
        command += [f"--only-categories={_CATEGORIES}"]
        command += ["--preset=desktop"] if desktop else []
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        categories = json.loads(report.read_text())["categories"]
    return {name: round(100 * (each["score"] or 0)) for name, each in categories.items()}


@contextmanager
def _signed_in(url: str, session: str) -> Iterator[tuple[Path, int]]:
    """A fresh Chromium that Lighthouse finds at the port, and the folder it lives in.

    The cookie is in the browser: a header of Lighthouse's would be gone once the page sets a cookie of its own.
    """
    port = free_port()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            Path(folder) / "profile",
            executable_path=_chromium(),
            args=[*_ARGUMENTS, f"--remote-debugging-port={port}"],
        )
        if session:
            context.add_cookies([{"name": "sessionid", "value": session, "url": url, "httpOnly": True}])
        yield Path(folder), port
        context.close()


def _chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("CHROME_PATH") or next(filter(None, map(shutil.which, names)), None)
