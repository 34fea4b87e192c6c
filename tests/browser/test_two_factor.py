"""Two-factor as a person sets it up and signs in with it: an authenticator app, a security key."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.account.authenticator_app import code_of
from tests.browser.conftest import Site

VIRTUAL_KEY = {
    "protocol": "ctap2",
    "transport": "usb",
    "hasResidentKey": False,
    "hasUserVerification": False,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def home(site: Site) -> str:
    """The site by a name that browsers accept for security keys, which no IP address is."""
    return site.url.replace("127.0.0.1", "localhost")


@pytest.fixture
def sign_in_at_home(page: Page, site: Site, home: str) -> Callable[[str], Page]:
    def go(name: str) -> Page:
        page.goto(f"{home}/account/login/")
        page.fill("[name=login]", f"{name}@example.com")
        page.fill("[name=password]", site.password)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(lambda url: "login" not in url)
        return page

    return go


@pytest.fixture
def security_key(page: Page) -> Iterator[None]:
    """A key is plugged in, and touched when it asks."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": VIRTUAL_KEY})
    yield
    devtools.send("WebAuthn.disable")


def enter_code(page: Page, secret: str, button: str) -> None:
    """The app's code of now; and the next one where it has just run out."""
    before = page.url
    for _ in range(2):
        page.get_by_label("Code").fill(code_of(secret))
        page.get_by_role("button", name=button).click()
        page.wait_for_load_state()
        if page.url != before:
            return


def add_app(page: Page, home: str) -> str:
    page.goto(f"{home}/account/")
    page.get_by_role("link", name="Set up two-factor").click()
    page.get_by_role("link", name="Add an authenticator app").click()
    secret = page.locator("[data-copy-value]").inner_text().strip()
    enter_code(page, secret, "Add this app")
    expect(page.get_by_text("They are shown only this once.")).to_be_visible()
    return secret


def remove_app(page: Page, home: str) -> None:
    page.goto(f"{home}/account/2fa/totp/deactivate/")
    page.get_by_role("button", name="Remove the app").click()
    expect(page.get_by_role("link", name="Add an authenticator app")).to_be_visible()


def sign_out(page: Page, home: str) -> None:
    page.goto(f"{home}/account/logout/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/login/")


def test_an_authenticator_app(sign_in_at_home: Callable[[str], Page], home: str) -> None:
    page = sign_in_at_home("sam")
    secret = add_app(page, home)
    page.get_by_role("button", name="Copy codes").click()
    assert len(page.evaluate("window.copied").split()) == 10
    page.get_by_role("link", name="I have saved them").click()
    sign_out(page, home)
    sign_in_at_home("sam")
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    enter_code(page, secret, "Sign in")
    expect(page).to_have_url(f"{home}/")
    remove_app(page, home)


def test_a_security_key(sign_in_at_home: Callable[[str], Page], home: str, security_key: None) -> None:
    page = sign_in_at_home("bob")
    page.goto(f"{home}/account/2fa/webauthn/add/")
    page.get_by_label("Name").fill("Blue key")
    page.get_by_role("button", name="Add this key").click()
    expect(page.get_by_text("They are shown only this once.")).to_be_visible()
    page.goto(f"{home}/account/2fa/webauthn/add/")
    page.get_by_role("button", name="Add this key").click()
    expect(page.get_by_role("alert")).to_have_text("This key is one of yours already.")
    sign_out(page, home)
    sign_in_at_home("bob")
    page.get_by_role("button", name="Use a security key").click()
    expect(page).to_have_url(f"{home}/")
    page.goto(f"{home}/account/2fa/webauthn/reauthenticate/?next=/account/sessions/")
    page.get_by_role("button", name="Use a security key").click()
    expect(page.get_by_text("This one")).to_be_visible()
    page.goto(f"{home}/account/2fa/")
    page.get_by_role("link", name="Remove Blue key").click()
    page.get_by_role("button", name="Remove the key").click()
    expect(page.get_by_text("Your security key was removed.")).to_be_visible()


def test_by_an_ip_address_a_key_says_why_it_can_t_be_used(sign_in: Callable[..., Page], site: Site) -> None:
    page = sign_in("bob")
    page.goto(f"{site.url}/account/2fa/webauthn/add/")
    page.get_by_role("button", name="Add this key").click()
    expect(page.get_by_role("alert")).to_contain_text("only on https pages")
