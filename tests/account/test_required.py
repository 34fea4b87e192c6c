"""What is missing in a form of signing in is asked for in words, as everywhere else."""

import pytest

from tests.account.authenticator_app import ADD
from tests.account.signing_in import LOGIN, RESET
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
CHANGE = "/account/password/change/"
HINT = "At least 12 characters, and not a common password."


def test_signing_in_asks_for_address_and_password(client):
    page = client.post(LOGIN, {}).text
    assert "Enter your email address." in page
    assert "Enter your password." in page
    assert "This field is required" not in page


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (CHANGE, ["Enter your current password.", "Choose a password.", "Enter the new password again."]),
        ("/account/reauthenticate/", ["Enter your password."]),
        (ADD, ["Enter the code."]),
        (RESET, ["Enter your email address."]),
    ],
)
def test_so_do_the_forms_of_an_account(browser, path, words):
    page = browser.post(path, {}).text
    assert [each for each in words if each not in page] == []
    assert "This field is required" not in page


def test_the_second_step_asks_for_the_code(client, secret):
    client.logout()
    client.post(LOGIN, {"login": "alice@example.com", "password": PASSWORD})
    assert "Enter the code." in client.post("/account/2fa/authenticate/", {"code": ""}).text


def test_a_new_password_has_one_hint(browser):
    page = browser.get(CHANGE).text
    assert page.count(HINT) == 1
    assert "too similar" not in page


def test_who_comes_to_sign_in_can_type_at_once(client):
    page = client.get(LOGIN).text
    [field] = [line for line in page.split("<input") if "autofocus" in line]
    assert 'name="login"' in field
