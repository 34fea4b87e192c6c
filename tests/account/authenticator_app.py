"""An authenticator app, and the pages as somebody with one uses them."""

import html
import re

from allauth.mfa.totp.internal import auth
from django.test import Client

from tests.conftest import PASSWORD

ADD = "/account/2fa/totp/activate/"
CODES = "/account/2fa/recovery-codes/"
SECOND_STEP = "/account/2fa/authenticate/"


def code_of(secret: str) -> str:
    """What the app shows now."""
    [counter] = auth.yield_hotp_counters_from_time()
    return auth.format_hotp_value(auth.hotp_value(secret, counter))


def read(page: str, pattern: str) -> str:
    found = re.search(pattern, page)
    assert found, pattern
    return html.unescape(found[1])


def open_form(client: Client) -> tuple[str, dict[str, str]]:
    """The secret that the page shows, and what its form sends back beside the code."""
    page = client.get(ADD).text
    sealed = read(page, r'name="sealed_secret" value="([^"]+)"')
    return read(page, r"data-copy-value>\s*([A-Z2-7]{32})\s*<"), {"sealed_secret": sealed}


def add_app(client: Client) -> str:
    """Set two-factor up; the secret, as the app keeps it."""
    secret, fields = open_form(client)
    answer = client.post(ADD, {**fields, "code": code_of(secret)})
    assert answer.status_code == 302, answer.text
    return secret


def recovery_codes(client: Client) -> list[str]:
    return re.findall(r"^\s*(?:<pre[^>]*>)?(\d{8})$", client.get(CODES).text, re.MULTILINE)


def enter_password(client: Client, email: str = "alice@example.com", password: str = PASSWORD) -> str:
    """Where the first step leads."""
    return str(client.post("/account/login/", {"login": email, "password": password}).url)


def enter_code(client: Client, code: str) -> int:
    return client.post(SECOND_STEP, {"code": code}).status_code


def is_signed_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200
