"""Two organizations of our own to watch, so that their numbers are known: one in trouble, one with a history."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect

from connectors_app.sandbox import SandboxServer
from tests.browser.conftest import Site
from tests.serving import manage

LOGIN = "Login to portal.{}.example was refused: wrong password (reference {}0a1b2c)"
SESSION = "The SharePoint session has expired"
DRAWN = """canvas => {
  const { width, height } = canvas;
  const blank = !canvas.getContext("2d").getImageData(0, 0, width, height).data.some(Boolean);
  const { labels, datasets } = Chart.getChart(canvas).data;
  const of = name => datasets.map(each => each[name]);
  return { blank, labels, values: of("data"), colors: of("backgroundColor") };
}"""
SET_UP = """
from django.core.management import call_command
for name in ("Harbour", "Quay"):
    call_command("create_organization", name)
    call_command("create_member", f"{name.lower()}@example.com", organization=name, role="admin")
"""


@dataclass(frozen=True)
class Desk:
    """What the organization's admin sees and what befalls its connectors."""

    page: Page
    url: str
    sandbox: SandboxServer
    user_id: str

    def plant(self, label: str, *, ago: timedelta, error: str | None = None, **fields: object) -> str:
        """A connector whose one sync was that long ago; gives its address."""
        synced = {
            "last_sync_at": (datetime.now(UTC) - ago).isoformat(),
            "last_sync_status": "FAILED" if error else "SUCCESS",
            "last_sync_error_msg": error,
            "last_sync_count": 0 if error else 12,
            "files_count": 100,
        }
        told = {"type": "investment_research", "config": {"user_id": "desk-7"}} | synced | fields
        [connector_id] = self.sandbox.plant(self.user_id, label=label, **told)
        return f"{self.url}/connectors/{connector_id}/"

    def sync(self, address: str, **result: object) -> None:
        """Another sync of a connector ends, and the dashboard looks."""
        self.sandbox.sync_result(address.rstrip("/").rpartition("/")[2], now=True, **result)
        self.look()

    def look(self) -> None:
        """Open the overview and ask Bigdata.com."""
        self.page.goto(self.url)
        self.page.get_by_role("button", name="Refresh now").click()
        expect(self.page.get_by_text("Up to date: Bigdata.com was just asked")).to_be_visible()


@pytest.fixture(scope="module")
def organizations(site: Site) -> SandboxServer:
    """Harbour and Quay, each with an admin and a key at Bigdata.com."""
    if site.sandbox is None:
        pytest.skip("needs a database and a sandbox of its own")
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "dashboard.settings",
        "DATABASE_URL": site.database_url,
        "BIGDATA_API_BASE_URL": site.sandbox.url,
        "MEMBER_PASSWORD": site.password,
    }
    manage("shell", "--no-imports", "-c", SET_UP, environment=environment)
    for name in ("harbour", "quay"):
        site.sandbox.add_key(f"watching-{name}", f"user_{name}", f"org_{name}")
    return site.sandbox


def enter(page: Page, site: Site, sandbox: SandboxServer, name: str) -> Desk:
    """Sign in as the organization's admin and add the key."""
    page.goto(f"{site.url}/keys/")
    page.fill("[name=login]", f"{name}@example.com")
    page.fill("[name=password]", site.password)
    page.get_by_role("button", name="Sign in").click()
    page.fill("[name=api_key]", f"watching-{name}")
    page.get_by_role("button", name="Add API key").click()
    expect(page.get_by_text("was checked with Bigdata.com")).to_be_visible()
    return Desk(page, site.url, sandbox, f"user_{name}")


@pytest.fixture(scope="module")
def harbour_signed_in(site: Site, organizations: SandboxServer, browser: Browser) -> StorageState:
    """Two broker connectors that are refused, a library without a session, and two that do well."""
    page = browser.new_page()
    desk = enter(page, site, organizations, "harbour")
    hour, day = timedelta(hours=1), timedelta(days=1)
    desk.plant("Harbour notes", ago=2 * hour, error=LOGIN.format("harbour", 1))
    desk.plant("Quay notes", ago=3 * day, error=LOGIN.format("quay", 2))
    desk.plant("Deals library", ago=3 * hour, error=SESSION, type="sharepoint", config={})
    desk.plant("Calm notes", ago=4 * hour)
    desk.plant("Old library", ago=20 * day, type="sharepoint", config={})
    desk.look()
    state = page.context.storage_state()
    page.close()
    return state


@pytest.fixture(scope="module")
def quay_signed_in(site: Site, organizations: SandboxServer, browser: Browser) -> tuple[StorageState, str]:
    """A connector with a failed sync days ago, a good one, and two that failed; with its address."""
    page = browser.new_page()
    desk = enter(page, site, organizations, "quay")
    shaky = desk.plant("Shaky notes", ago=timedelta(days=3), error=LOGIN.format("harbour", 1))
    desk.look()
    desk.sync(shaky, count=5)
    for number in (2, 3):
        desk.sync(shaky, status="FAILED", error=LOGIN.format("harbour", number), count=0)
    state = page.context.storage_state()
    page.close()
    return state, shaky


@pytest.fixture
def trouble(page: Page, site: Site, organizations: SandboxServer, harbour_signed_in: StorageState) -> Desk:
    """The overview of Harbour's admin."""
    page.context.add_cookies(harbour_signed_in["cookies"])
    page.goto(site.url)
    return Desk(page, site.url, organizations, "user_harbour")


@pytest.fixture
def desk(page: Page, site: Site, organizations: SandboxServer, quay_signed_in: tuple[StorageState, str]) -> Desk:
    """The overview of Quay's admin."""
    page.context.add_cookies(quay_signed_in[0]["cookies"])
    page.goto(site.url)
    return Desk(page, site.url, organizations, "user_quay")


@pytest.fixture
def shaky(quay_signed_in: tuple[StorageState, str]) -> str:
    """The address of Quay's connector."""
    return quay_signed_in[1]


def drawn(page: Page, name: str) -> dict[str, Any]:
    """What Chart.js has drawn on the canvas, and whether a pixel of it shows."""
    found: dict[str, Any] = page.locator(f"canvas[data-chart={name}]").evaluate(DRAWN)
    return found


def table(page: Page) -> list[list[str]]:
    """The rows of the opened table that says the same as the charts."""
    rows = page.locator("details[open] tbody tr")
    return [row.locator("th, td").all_inner_texts() for row in rows.all()]


def open_table(page: Page) -> None:
    page.get_by_text("The same as a table").click()
    expect(page.locator("details[open] table")).to_be_visible()
