"""Real Chromium against real processes: the dashboard under gunicorn on a database of its own, and a sandbox.

The test process itself never touches the database: Playwright's event loop and Django's connections don't mix.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from connectors_app.sandbox import SandboxServer
from tests.conftest import PASSWORD
from tests.serving import Serving, free_port, fresh_database, manage
from tests.showroom.browsing import chromium, chromium_path

# The machine's clipboard belongs to nobody in particular: reading it may wait for ever.
CLIPBOARD = "navigator.clipboard.writeText = async text => { window.copied = text; };"
SET_UP = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("create_organization", "Northwind Research")
for name, role in dict(alice="analyst", bob="analyst", adam="admin", sam="support").items():
    call_command("create_member", f"{name}@example.com", organization="Northwind Research", role=role)
"""


@dataclass(frozen=True)
class Site:
    """Where the dashboard answers, who can sign in, and the sandbox behind it (None: not ours to command)."""

    url: str
    email: str
    password: str
    sandbox: SandboxServer | None
    folder: Path | None = None
    database_url: str = ""


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Ended before tests that need the database: its event loop and Django's connections do not mix."""
    if chromium_path() is None:
        pytest.fail("Chromium is missing: `make test` installs it, or set CHROMIUM to its path.")
    with chromium() as running:
        yield running


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
        port, database_url = free_port(), fresh_database(folder, "browser", worker_id)
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.browser.site_settings",
            "DATABASE_URL": database_url,
            "BIGDATA_API_BASE_URL": sandbox.url,
            "SITE_URL": f"http://127.0.0.1:{port}",
            "MEMBER_PASSWORD": PASSWORD,
            "WEB_CONCURRENCY": "1",
            "WEBHOOK_ALLOWED_HOSTS": "127.0.0.1",
        }
        manage("shell", "--no-imports", "-c", SET_UP, environment=environment)
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
