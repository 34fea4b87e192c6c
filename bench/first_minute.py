"""`make first-minute`: from a fresh start to a copied inbox address, as somebody who reads nothing.

It starts the dashboard like `make run`, in a copy where it never ran, signs in with what that prints, goes by what
stands out: the button of the page, the first of what there is to pick, fields from top to bottom. It pauses as
people do: before each click to find the place, and at each key. It prints seconds, clicks and fields typed, and
fails above a minute. The seconds begin when the sign-in page is there.
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

from playwright.sync_api import Locator, Page

from tests.serving import ROOT, free_port
from tests.showroom.browsing import chromium

MOST_SECONDS = 60
# Seconds to find something on the page and move there, and to press one key (40 words a minute).
_TO_FIND, _FOR_A_KEY = 1.2, 0.28
_START = 60
_CLIPBOARD = "navigator.clipboard.writeText = async text => { window.copied = text; };"


class Person:
    """Clicks and types with pauses, and counts both."""

    def __init__(self, page: Page) -> None:
        self.page, self.clicks, self.fields = page, 0, 0

    def click(self, target: Locator) -> None:
        target.wait_for()
        time.sleep(_TO_FIND)
        target.click()
        self.clicks += 1

    def type(self, field: Locator, text: str) -> None:
        field.wait_for()
        time.sleep(_TO_FIND)
        field.click()
        field.press_sequentially(text, delay=1000 * _FOR_A_KEY)
        self.fields += 1

    def paste(self, field: Locator, text: str) -> None:
        """What the terminal showed."""
        field.wait_for()
        time.sleep(2 * _TO_FIND)
        field.fill(text)
        self.fields += 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--sandbox-port", type=int, default=0)
    options = parser.parse_args()
    port, sandbox_port = options.port or free_port(), options.sandbox_port or free_port()
    with _dashboard(port, sandbox_port) as (email, password, waited), chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.add_init_script(_CLIPBOARD)
        page.goto(f"http://127.0.0.1:{port}/")
        began = time.monotonic()
        person = Person(page)
        address = _get_an_inbox(person, email, password)
        seconds = time.monotonic() - began
    print(f"{address} copied after {seconds:.0f} s: {person.clicks} clicks, {person.fields} fields typed.")
    print(f"Before that, {waited:.0f} s from `make run` (installed) to the first page.")
    sys.exit(seconds > MOST_SECONDS)


def _get_an_inbox(person: Person, email: str, password: str) -> str:
    page = person.page
    person.paste(page.locator("[name=login]"), email)
    person.paste(page.locator("[name=password]"), password)
    person.click(page.get_by_role("button", name="Sign in"))
    person.click(page.get_by_role("link", name="New connector").first)
    person.click(page.locator(".choice").first)
    person.type(page.get_by_label("Label"), "Broker notes")
    person.type(page.get_by_label("Allowed senders"), "research@broker.com")
    person.click(page.get_by_role("button", name="Create connector"))
    person.click(page.get_by_role("button", name="Copy address"))
    copied = str(page.evaluate("window.copied"))
    if not re.fullmatch(r"[0-9a-f]+@bigdata\.com", copied):
        sys.exit(f"Not an inbox address: {copied}")
    return copied


@contextmanager
def _dashboard(port: int, sandbox_port: int) -> Iterator[tuple[str, str, float]]:
    """Email and password as `make run` prints them, and the seconds until it answered."""
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place) / "copy"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".git", ".venv", "var", ".env", ".*_cache"))
        (copy / ".venv").symlink_to(Path(sys.executable).parent.parent)
        fresh = [sys.executable, "dashboard/fresh_env.py"]
        (copy / ".env").write_text(
            subprocess.run(fresh, cwd=copy, check=True, capture_output=True, text=True).stdout
        )
        static = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"]
        subprocess.run(static, cwd=copy, check=True)
        environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        command = [sys.executable, "-m", "dashboard.run", "--port", str(port), "--sandbox-port", str(sandbox_port)]
        began = time.monotonic()
        with (copy / "var" / "told").open("w") as told:
            running = subprocess.Popen(
                command, cwd=copy, env=environment, stdout=told, stderr=told, start_new_session=True
            )
        try:
            _wait_for(f"http://127.0.0.1:{port}/healthz", running)
            waited = time.monotonic() - began
            text = (copy / "var" / "told").read_text()
            password = re.search(r"\(password: (\S+)\)", text)
            email = re.search(r"\S+@demo\.example", text)
            assert email, text
            assert password, text
            yield email[0], password[1], waited
        finally:
            os.killpg(running.pid, signal.SIGTERM)
            running.wait(timeout=30)


def _wait_for(url: str, running: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + _START
    while time.monotonic() < until and running.poll() is None:
        try:
            urlopen(url, timeout=1)  # noqa: S310 - this machine's
        except OSError:
            time.sleep(0.1)
        else:
            return
    sys.exit("The dashboard did not start.")


if __name__ == "__main__":
    main()
