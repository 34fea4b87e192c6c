"""Real Chromium against real processes: the dashboard under gunicorn on a database of its own, and a sandbox.

The test process itself never touches the database: Playwright's event loop and Django's connections don't mix.
"""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import psycopg
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from connectors_app.sandbox import SandboxServer
from tests.conftest import PASSWORD

ROOT = Path(__file__).resolve().parent.parent.parent
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# The machine's clipboard belongs to nobody in particular: reading it may wait for ever.
CLIPBOARD = "navigator.clipboard.writeText = async text => { window.copied = text; };"
SET_UP = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("create_organization", "Northwind Research")
for name, role in dict(alice="analyst", bob="analyst", adam="admin", sam="support").items():
    call_command("create_member", f"{name}@example.com", organization="Northwind Research", role=role)
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One process runs all browser tests: two browsers at once starve each other on a small machine."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("browser"))


@dataclass(frozen=True)
class Site:
    """Where the dashboard answers, who can sign in, and the sandbox behind it (None: not ours to command)."""

    url: str
    email: str
    password: str
    sandbox: SandboxServer | None
    folder: Path | None = None
    database_url: str = ""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    names = ("chromium", "chromium-browser", "google-chrome")
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if path is None:
        pytest.fail("Chromium is missing: `make test` installs it, or set CHROMIUM to its path.")
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGUMENTS)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a fresh visitor; anything the browser complains about fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.add_init_script(CLIPBOARD)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    yield page
    context.close()
    assert complaints == []


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Site]:
    """A running dashboard; or the one that BROWSER_BASE_URL names."""
    running = os.environ.get("BROWSER_BASE_URL")
    if running:
        yield Site(running, os.environ["BROWSER_EMAIL"], os.environ["BROWSER_PASSWORD"], None)
        return
    folder = tmp_path_factory.mktemp("site")
    with SandboxServer(activity="quiet") as sandbox:
        port, database_url = _free_port(), _database_url(folder, worker_id)
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "dashboard.settings",
            "DATABASE_URL": database_url,
            "BIGDATA_API_BASE_URL": sandbox.url,
            "SITE_URL": f"http://127.0.0.1:{port}",
            "MEMBER_PASSWORD": PASSWORD,
            "WEB_CONCURRENCY": "1",
        }
        _manage("shell", "--no-imports", "-c", SET_UP, environment=environment)
        with (folder / "web.log").open("w") as log, Serving(port, environment, log):
            yield Site(f"http://127.0.0.1:{port}", "alice@example.com", PASSWORD, sandbox, folder, database_url)


@pytest.fixture
def sign_in(page: Page, site: Site) -> Callable[..., Page]:
    """Sign in as the member of that name; the page is then the overview."""

    def go(name: str = "") -> Page:
        page.goto(site.url)
        page.fill("[name=login]", f"{name}@example.com" if name else site.email)
        page.fill("[name=password]", site.password)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"{site.url}/")
        return page

    return go


class Serving:
    """gunicorn as in production, waited for until it answers."""

    def __init__(self, port: int, environment: dict[str, str], log: object) -> None:
        options = ["--config", "dashboard/gunicorn.py", "--bind", f"127.0.0.1:{port}"]
        command = [sys.executable, "-m", "gunicorn", "dashboard.wsgi", *options]
        self.port = port
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)

    def __enter__(self) -> None:
        for _ in range(300):
            try:
                urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=1)
            except OSError:
                if self.process.poll() is not None:
                    break
                subprocess.run(["sleep", "0.1"], check=True)
            else:
                return
        self.__exit__()
        pytest.fail("The dashboard did not start; see web.log.")

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(timeout=15)


def _manage(*arguments: str, environment: dict[str, str]) -> None:
    subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment, check=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _database_url(folder: Path, worker_id: str) -> str:
    """A database that no other test uses: a file, or a fresh one on the server of TEST_DATABASE_URL."""
    server = os.environ.get("TEST_DATABASE_URL")
    if not server:
        return f"sqlite:///{folder / 'browser.sqlite3'}"
    name = f"browser_{worker_id}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name}")
        connection.execute(f"CREATE DATABASE {name}")
    return f"{server.rpartition('/')[0]}/{name}"
