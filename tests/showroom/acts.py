"""What a page shows only once somebody has done something there, by the picture's name."""

from collections.abc import Callable

from playwright.sync_api import Page

from tests.showroom import PASSWORD

Act = Callable[[Page], object]
SUBMITS = "main form :is([type=submit], button:not([type])):is(.btn-primary, .btn-danger, .btn-warning)"


def send(page: Page) -> None:
    """Press the form's own button. The browser's checks of fields are not what is looked at."""
    page.locator("form").evaluate_all("forms => forms.forEach(form => { form.noValidate = true; })")
    page.locator(SUBMITS).first.click()
    page.wait_for_load_state()


def send_with(**fields: str) -> Act:
    def act(page: Page) -> None:
        for name, text in fields.items():
            page.locator(f"main [name={name}]:visible").first.fill(text)
        send(page)

    return act


def click(selector: str) -> Act:
    """Click it where it shows: some things are folded away on narrow pages only."""

    def act(page: Page) -> None:
        found = page.locator(selector).first
        if found.is_visible():
            found.click()

    return act


def select_two(page: Page) -> None:
    for box in page.locator("tbody [name=connector]").all()[:2]:
        box.check()


def sync_the_selected(page: Page) -> None:
    select_two(page)
    page.locator("main [name=action][value=sync]").click()
    page.wait_for_load_state()


def sign_in_as_mona(page: Page) -> None:
    send_with(login="mona@demo.example", password=PASSWORD)(page)
    page.wait_for_url("**/2fa/**")


ACTS: dict[str, Act] = {
    "connectors-selected": select_two,
    "connectors-filters": click("main details > summary"),
    "new-email-errors": send_with(allowed_emails="not an address"),
    "new-broker-errors": send,
    "edit-confirm": send_with(allowed_emails="research@northbank.example\nnews@northbank.example"),
    "edit-errors": send_with(label=""),
    "delete-errors": send,
    "bulk-confirm": sync_the_selected,
    "error-snooze": click("main details > summary"),
    "alerts-snooze-errors": send,
    "channel-new-errors": send,
    "keys-errors": send,
    "members-invite-errors": send,
    "members-invited": send_with(email="emil@demo.example"),
    "account-password-errors": send,
    "two-factor-app-errors": send,
    "menu-account": click("[popovertarget=account-menu]"),
    "menu-theme": click("[popovertarget=theme-menu]"),
    "menu-navigation": click(".navbar-toggler"),
    "sign-in-errors": send,
    "sign-in-code": sign_in_as_mona,
    "invitation-errors": send,
}
