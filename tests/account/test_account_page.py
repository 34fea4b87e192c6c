"""The account page: who one is, how one signs in, in which zone times are shown."""

import pytest

from connectors_app.models import Member
from tests.account.authenticator_app import add_app, enter_password

pytestmark = pytest.mark.django_db
ACCOUNT = "/account/"


def save_zone(client, zone):
    return client.post(ACCOUNT, {"time_zone": zone})


def test_it_says_who_one_is_and_what_the_role_means(browser):
    page = browser.get(ACCOUNT).text
    assert "alice@example.com" in page
    assert "looks after their own; sees what is shared" in page
    assert "Northwind Research" in page


def test_it_says_how_one_signs_in(browser):
    assert "Off: whoever knows the password" in browser.get(ACCOUNT).text
    add_app(browser)
    assert "On: signing in takes more" in browser.get(ACCOUNT).text


def test_the_menu_leads_there(browser):
    assert f'href="{ACCOUNT}"' in browser.get("/").text


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Europe/Paris", "Europe/Paris"),
        ("paris", "Europe/Paris"),
        ("new york", "America/New_York"),
        ("UTC", "UTC"),
        (" ", ""),
    ],
)
def test_a_time_zone_is_kept_as_the_database_of_zones_calls_it(browser, alice, typed, kept):
    assert save_zone(browser, typed).url == ACCOUNT
    alice.refresh_from_db()
    assert alice.time_zone == kept


@pytest.mark.parametrize("typed", ["Atlantis", "../../etc/passwd", "<script>", "x" * 5000, "Europe"])
def test_what_is_no_time_zone_is_said_beside_what_was_typed(browser, typed):
    answer = save_zone(browser, typed)
    assert "Choose one from the list" in answer.text
    assert answer.context["form"]["time_zone"].value() == typed
    assert Member.objects.get().time_zone == ""


def test_the_chosen_zone_goes_before_the_browsers(client, alice):
    enter_password(client)
    client.cookies["timezone"] = "Asia%2FKolkata"
    assert " IST" in client.get("/account/sessions/").text
    save_zone(client, "Asia/Tokyo")
    assert " JST" in client.get("/account/sessions/").text


def test_only_the_time_zone_can_be_changed_here(browser, alice):
    browser.post(
        ACCOUNT,
        {"time_zone": "", "role": "admin", "is_staff": "on", "email": "eve@example.com", "organization": "9"},
    )
    alice.refresh_from_db()
    assert (alice.role, alice.is_staff, alice.email) == ("analyst", False, "alice@example.com")
