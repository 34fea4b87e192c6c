"""Bulk work as a person does it: select, confirm, watch, retry what failed. The worker is a command here."""

import os
import re
import subprocess
import sys
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site
from tests.serving import ROOT

# A turn of the worker's for everybody who waits; pauses are taken as over.
WORK = """
from connectors_app.models import Bulk
from connectors_app.permissions import may_change
from connectors_app.services import bulk_work
Bulk.objects.update(lease_until=None)
for organization in set(Bulk.objects.values_list("organization", flat=True)):
    bulk_work.take_turn(organization, may_change=may_change, limit={limit})
"""


@pytest.fixture
def work(site: Site) -> Callable[..., None]:
    """Let the worker do so many."""
    if site.sandbox is None:
        pytest.skip("needs a worker and a sandbox of its own")
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "dashboard.settings",
        "DATABASE_URL": site.database_url,
        "BIGDATA_API_BASE_URL": site.sandbox.url,
    }

    def turn(limit: int = 100) -> None:
        code = WORK.format(limit=limit)
        command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", code]
        subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)

    return turn


@pytest.fixture
def confirm_page(site: Site, work: object, sign_in: Callable[..., Page]) -> Page:
    """Bob is about to archive four libraries."""
    assert site.sandbox is not None
    site.sandbox.plant("user_bob", count=4, type="sharepoint", label="Bulky")
    page = sign_in("bob")
    page.goto(f"{site.url}/keys/")
    page.fill("[name=api_key]", "sandbox-bob")
    page.get_by_role("button", name=re.compile("Add API key|Replace key")).click()
    expect(page.get_by_text("was checked with Bigdata.com")).to_be_visible()
    page.goto(f"{site.url}/connectors/?q=bulky")
    page.locator("[data-select-page]").check()
    page.get_by_role("button", name="Archive").click()
    page.wait_for_url("**/bulk/new/")
    return page


def count(page: Page, name: str, number: int) -> None:
    expect(page.locator(f"[data-count={name}]")).to_have_text(str(number), timeout=15_000)


def test_the_progress_page_follows_the_work_and_retries_what_failed(
    site: Site, confirm_page: Page, work: Callable[..., None]
) -> None:
    page, sandbox = confirm_page, site.sandbox
    assert sandbox is not None
    sandbox.fault("deleteConnector", "404", times=1)
    page.get_by_role("button", name="Archive 4 connectors").dblclick()
    page.wait_for_url(re.compile("/bulk/[0-9a-f-]{36}/"))
    count(page, "left", 4)

    work(limit=2)
    count(page, "left", 2)
    count(page, "failed", 1)
    work()
    count(page, "left", 0)
    count(page, "succeeded", 3)
    expect(page.locator("#live")).to_contain_text("Finished, 1 failed")
    expect(page.get_by_text("shows no such connector")).to_be_visible()

    page.get_by_role("button", name=re.compile("^Retry Bulky")).click()
    expect(page.get_by_text("will be tried again")).to_be_visible()
    work()
    count(page, "succeeded", 4)
    expect(page.get_by_text("Done: 4")).to_be_visible()
    expect(page.get_by_role("link", name="Bulky 1")).to_be_visible()
    page.get_by_role("link", name="Bulk work").click()
    expect(page.get_by_role("link", name="Archive")).to_have_count(1)
