"""Alerts as a person sets them up: channels of each kind, one's own notifications, an incident kept quiet."""

import json
import os
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect

from connectors_app.sandbox import SandboxServer
from connectors_app.webhooks import verify
from tests.bigdata.servers import Server
from tests.browser.conftest import Site
from tests.browser.watching import LOGIN, Desk, enter
from tests.serving import manage

SET_UP = """
from django.core.management import call_command
call_command("create_organization", "Pier")
call_command("create_member", "pier@example.com", organization="Pier", role="admin")
"""


@pytest.fixture(scope="module")
def pier(site: Site) -> SandboxServer:
    """An organization with an admin and a key at Bigdata.com."""
    if site.sandbox is None:
        pytest.skip("needs a database and a sandbox of its own")
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "dashboard.settings",
        "DATABASE_URL": site.database_url,
        "BIGDATA_API_BASE_URL": site.sandbox.url,
        "MEMBER_PASSWORD": site.password,
    }
    manage("shell", "--no-imports", "-c", SET_UP, environment=environment)
    site.sandbox.add_key("watching-pier", "user_pier", "org_pier")
    return site.sandbox


@pytest.fixture(scope="module")
def signed_in(site: Site, pier: SandboxServer, browser: Browser) -> StorageState:
    """Pier's admin, with one connector that is refused."""
    page = browser.new_page()
    desk = enter(page, site, pier, "pier")
    desk.plant("Pier notes", ago=timedelta(hours=2), error=LOGIN.format("pier", 1))
    desk.look()
    state = page.context.storage_state()
    page.close()
    return state


@pytest.fixture
def desk(page: Page, site: Site, pier: SandboxServer, signed_in: StorageState) -> Desk:
    page.context.add_cookies(signed_in["cookies"])
    page.goto(f"{site.url}/alerts/")
    return Desk(page, site.url, pier, "user_pier")


@pytest.fixture
def receiver() -> Iterator[Server]:
    """The other end of a webhook. What is sent to /gone is refused."""

    def answer(connection: object, request: bytes) -> None:
        status = b"410 Gone" if request.startswith(b"POST /gone") else b"200 OK"
        connection.sendall(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n")  # type: ignore[attr-defined]

    server = Server(answer)
    yield server
    server.close()


def begin(page: Page, kind: str, name: str, address: str) -> None:
    """Fill in a new channel, by the way that a person goes."""
    page.get_by_role("link", name="Channels", exact=True).click()
    page.get_by_role("link", name="New channel").click()
    page.locator(".choice", has_text=re.compile(rf"^\s*{kind}")).click()
    page.get_by_label("Name").fill(name)
    page.locator("[name=email], [name=url]").fill(address)


def row_of(page: Page, name: str) -> str:
    """What the list says of a channel."""
    page.get_by_role("link", name="Channels", exact=True).click()
    return page.locator("tr[data-channel]", has_text=name).inner_text()


def test_an_email_channel_is_tried_and_added_with_its_rules(desk: Desk) -> None:
    page = desk.page
    begin(page, "Email", "Mail to the desk", "desk@example.com")
    for box in ("Failing", "Stale", "Broker research", "Login rejected", "pier@example.com"):
        page.get_by_label(box, exact=True).check()
    page.get_by_role("button", name="Send a test").click()
    expect(page.get_by_text("The test was delivered.")).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("The channel is added.")).to_be_visible()
    expect(page.get_by_label("Failing", exact=True)).to_be_checked()
    expect(page.get_by_label("Gone unexpectedly")).not_to_be_checked()
    words = "Failing, Stale of Broker research; cause: Login rejected; owner: pier@example.com"
    shown = row_of(page, "Mail to the desk")
    assert all(each in shown for each in ("Email", "desk@example.com", words, "Nothing sent yet"))


def test_a_test_leaves_the_form_as_it_is_and_says_what_went_wrong(desk: Desk, receiver: Server) -> None:
    page = desk.page
    begin(page, "Slack", "Chat", f"{receiver.url}/gone")
    page.get_by_label("Stale").check()
    page.get_by_role("button", name="Send a test").click()
    expect(page.locator("#tested")).to_have_text("410 Gone")
    expect(page.get_by_label("Name")).to_have_value("Chat")
    expect(page.get_by_label("Address")).to_have_value(f"{receiver.url}/gone")
    expect(page.get_by_label("Stale")).to_be_checked()
    page.get_by_label("Address").fill(f"{receiver.url}/in/canary-7")
    page.get_by_role("button", name="Send a test").click()
    expect(page.locator("#tested")).to_have_text("The test was delivered.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("The channel is added.")).to_be_visible()
    assert "canary-7" not in page.content()
    page.get_by_role("button", name="Send a test").click()
    expect(page.get_by_text("The test was delivered.")).to_be_visible()
    assert [request.split()[1] for request in receiver.requests] == [b"/gone", b"/in/canary-7", b"/in/canary-7"]
    assert "text" in json.loads(receiver.requests[-1].partition(b"\r\n\r\n")[2])


def test_what_was_wrong_with_the_address_before_is_not_said_of_the_one_that_is_tried(
    desk: Desk, receiver: Server
) -> None:
    page = desk.page
    begin(page, "Slack", "Wrong first", "ftp://desk.example")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".invalid-feedback")).to_be_visible()
    page.get_by_label("Address").fill(f"{receiver.url}/in/right")
    page.get_by_role("button", name="Send a test").click()
    expect(page.locator("#tested")).to_have_text("The test was delivered.")
    expect(page.locator(".invalid-feedback")).to_have_count(0)
    expect(page.get_by_label("Address")).not_to_have_attribute("aria-invalid", "true")


def test_the_secret_of_a_webhook_is_shown_once_and_signs_what_is_sent(desk: Desk, receiver: Server) -> None:
    page = desk.page
    begin(page, "Webhook", "Our software", f"{receiver.url}/in/canary-8")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("It is shown only now.")).to_be_visible()
    page.get_by_role("button", name="Copy secret").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    secret = page.evaluate("window.copied")
    assert secret.startswith("whsec_")
    page.get_by_role("link", name="To the channel").click()
    page.get_by_role("button", name="Send a test").click()
    expect(page.get_by_text("The test was delivered.")).to_be_visible()
    head, _, body = receiver.requests[0].partition(b"\r\n\r\n")
    [header] = re.findall(r"(?m)^X-Signature: (\S+)", head.decode())
    assert verify(secret, body, header, now=int(header[2:].partition(",")[0]))
    page.get_by_role("link", name="Renew secret").click()
    page.get_by_role("button", name="Renew secret").click()
    renewed = page.locator("[data-copy-value]").inner_text()
    assert renewed not in ("", secret)
    page.get_by_role("link", name="To the channel").click()
    for address in (page.url, f"{desk.url}/alerts/channels/", f"{desk.url}/audit/"):
        page.goto(address)
        assert not {each for each in (secret, renewed, "canary-8") if each in page.content()}


def test_a_channel_is_changed_and_removed(desk: Desk) -> None:
    page = desk.page
    begin(page, "Email", "Short-lived", "desk@example.com")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_label("Name").fill("Renamed")
    page.get_by_label("Send messages").uncheck()
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_role("heading", name="Renamed")).to_be_visible()
    assert row_of(page, "Renamed").rstrip().endswith("No")
    page.get_by_role("link", name="Renamed").click()
    page.get_by_role("link", name="Remove").click()
    expect(page.get_by_text("No message waits to be sent.")).to_be_visible()
    page.get_by_role("button", name="Remove channel").click()
    expect(page.get_by_text("The channel Renamed is removed.")).to_be_visible()
    expect(page.get_by_role("link", name="Renamed")).to_have_count(0)


def test_my_notifications_are_kept(desk: Desk) -> None:
    page = desk.page
    page.get_by_role("link", name="My notifications").click()
    page.get_by_label("Stale").select_option(label="Once a day")
    page.get_by_label("From").fill("22:00")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("Quiet hours need both a beginning and an end.")).to_be_visible()
    expect(page.get_by_label("To", exact=True)).to_be_focused()
    page.get_by_label("To", exact=True).fill("07:00")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("Your notifications are saved.")).to_be_visible()
    expect(page.get_by_label("Stale")).to_have_value("daily")
    expect(page.get_by_label("Failing")).to_have_value("now")
    expect(page.get_by_label("From")).to_have_value("22:00")


def test_an_incident_is_acknowledged_and_snoozed(desk: Desk) -> None:
    page = desk.page
    incident = page.locator("tr[data-incident]", has_text="Pier notes")
    expect(incident).to_contain_text("Login rejected")
    incident.get_by_role("button", name="Acknowledge").click()
    expect(incident).to_contain_text(re.compile(r"Acknowledged[\s\S]* by pier@example.com"))
    incident.get_by_role("link", name="Snooze").click()
    page.get_by_label("Why").fill("The broker is on it")
    page.get_by_role("button", name="Snooze").click()
    expect(incident).to_contain_text(re.compile(r"Snoozed[\s\S]*The broker is on it"))
    incident.get_by_role("button", name="End snooze").click()
    expect(incident).not_to_contain_text("Snoozed")
