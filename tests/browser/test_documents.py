"""Documents, intake, hints about senders, history and support bundle, as a person meets them."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from connectors_app.sandbox import SandboxServer
from tests.browser.conftest import Site
from tests.browser.test_main_job import add_key, pick

SENDERS = ["ada@northbank.example", "bob@northbank.example", "cy@nortbhank.example"]


@pytest.fixture
def sandbox(site: Site) -> SandboxServer:
    if site.sandbox is None:
        pytest.skip("the server that BROWSER_BASE_URL names has no sandbox to command")
    return site.sandbox


@pytest.fixture
def inbox(site: Site, sandbox: SandboxServer, sign_in: Callable[..., Page]) -> tuple[Page, str]:
    """Alice, signed in, and the address of her inbox with 51 good documents and one that failed."""
    [connector_id] = sandbox.plant(
        label="Full inbox", config={"allowed_emails": SENDERS, "email": "in@bigdata.com"}
    )
    mail = {"content_type": "message/rfc822", "created_at": "2026-01-01T00:00:00Z"}
    sandbox.plant_documents(connector_id, count=51, file_name="Note.eml", tags=[f"from:{SENDERS[0]}"], **mail)
    sandbox.plant_documents(connector_id, file_name="Late.eml", status="failed", error_code="PARSING_ERROR")
    page = sign_in()
    add_key(page, site)
    return page, f"{site.url}/connectors/{connector_id}/"


def test_documents_are_paged_filtered_and_sorted(inbox: tuple[Page, str]) -> None:
    page, url = inbox
    page.goto(url)
    page.get_by_role("link", name="Documents", exact=True).click()
    rows = page.locator("#documents tbody tr")
    expect(rows).to_have_count(50)
    expect(rows.first).to_contain_text("Its content could not be read (PARSING_ERROR)")
    page.get_by_role("link", name="Next").click()
    expect(rows).to_have_count(2)
    page.get_by_label("Part of a file name").fill("late")
    page.get_by_label("Order").select_option("Name")
    expect(rows).to_have_count(1)
    expect(page.get_by_label("Part of a file name")).to_have_value("late")


def test_trouble_is_told_and_trying_again_helps(inbox: tuple[Page, str], sandbox: SandboxServer) -> None:
    page, url = inbox
    sandbox.fault("listDocuments", "500")
    page.goto(f"{url}documents/")
    page.locator("#documents").get_by_role("link", name="Try again").click()
    expect(page.locator("#documents tbody tr")).to_have_count(50)
    assert page.url == f"{url}documents/"


def test_the_connectors_page_says_what_came_in_and_what_happened(inbox: tuple[Page, str]) -> None:
    page, url = inbox
    page.goto(url)
    intake = page.locator("#intake")
    expect(intake).to_contain_text("1 failed")
    expect(intake.get_by_label("Documents per sender")).to_contain_text(SENDERS[0])
    expect(intake.get_by_label("Senders not heard from")).to_contain_text(SENDERS[2])
    expect(page.locator("#connector-live")).to_contain_text("did you mean northbank.example?")
    expect(page.locator("#latest")).to_contain_text("Nothing was changed yet. What comes in is under Documents.")
    intake.get_by_role("link", name="1 failed").click()
    expect(page.locator("#documents tbody tr").first).to_contain_text("Late.eml")


def test_the_support_bundle_is_copied(inbox: tuple[Page, str]) -> None:
    page, url = inbox
    page.goto(url)
    page.get_by_role("link", name="Support bundle").click()
    page.get_by_role("button", name="Copy support bundle").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert "Label: Full inbox" in page.evaluate("window.copied")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename.startswith("support-bundle-")


def test_hints_come_while_senders_are_typed_and_one_button_sorts_them(
    site: Site, sign_in: Callable[..., Page]
) -> None:
    page = sign_in()
    add_key(page, site)
    pick(page, site, "Email inbox")
    senders = page.get_by_label("Allowed senders")
    senders.press_sequentially("zoe@bank.example\nann@gmial.com\nAnn@gmial.com")
    expect(page.locator("[data-sender-hints]")).to_contain_text("2 senders, 1 duplicate merged")
    expect(page.locator("[data-sender-hints]")).to_contain_text("did you mean gmail.com?")
    page.get_by_role("button", name="Sort A–Z").click()
    expect(senders).to_have_value("ann@gmial.com\nzoe@bank.example")
    expect(page.locator("[data-sender-hints]")).to_contain_text("2 senders")
    expect(page.locator("[data-sender-hints]")).not_to_contain_text("duplicate")


def test_all_of_it_is_there_without_javascript(inbox: tuple[Page, str], browser: Browser) -> None:
    page, url = inbox
    context = browser.new_context(java_script_enabled=False, storage_state=page.context.storage_state())
    plain = context.new_page()
    plain.goto(url)
    plain.get_by_role("link", name="See what has come in").click()
    expect(plain.locator("#intake")).to_contain_text("1 failed")
    plain.goto(f"{url}documents/")
    plain.get_by_role("link", name="Show the documents").click()
    expect(plain.locator("#documents tbody tr")).to_have_count(50)
    plain.get_by_role("link", name="Next").click()
    expect(plain.locator("#documents tbody tr")).to_have_count(2)
    plain.get_by_label("Part of a file name").fill("late")
    plain.get_by_role("button", name="Apply").click()
    expect(plain.locator("#documents tbody tr")).to_have_count(1)
    context.close()
