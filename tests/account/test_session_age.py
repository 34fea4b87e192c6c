"""A session ends when nobody used it for a while, and some days after it began, used or not."""

import time
from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from connectors_app.services.sessions import forget_over, sessions_of
from tests.account.authenticator_app import enter_password, is_signed_in

pytestmark = pytest.mark.django_db
HOUR, DAY = 3600, 24 * 3600


@pytest.fixture
def browser(alice, settings):
    settings.SESSION_IDLE, settings.SESSION_LIFETIME = 12 * HOUR, 7 * DAY
    client = Client()
    enter_password(client)
    assert is_signed_in(client)
    return client


def age(client, *, began=0, used=0):
    """As if the session had begun, and last been used, so many seconds ago."""
    session, now = client.session, int(time.time())
    session["account_authentication_methods"][0]["at"] = now - began
    session["used_at"] = now - used
    session.save()


@pytest.mark.parametrize(
    ("began", "used", "stays"),
    [
        (11 * HOUR, 11 * HOUR, True),
        (13 * HOUR, 13 * HOUR, False),
        (6 * DAY, HOUR, True),
        (8 * DAY, HOUR, False),
        (-DAY, -DAY, True),
    ],
)
def test_it_lasts_as_long_as_the_settings_say(browser, began, used, stays):
    age(browser, began=began, used=used)
    assert is_signed_in(browser) is stays


def test_using_it_keeps_it(browser):
    for _ in range(5):
        age(browser, began=3 * DAY, used=11 * HOUR)
        assert is_signed_in(browser)
    assert round((time.time() - browser.session["used_at"]) / HOUR) == 0


def test_what_ended_is_dead_and_the_page_asked_for_comes_after_signing_in_again(browser):
    cookie = browser.cookies["sessionid"].value
    age(browser, began=8 * DAY)
    assert browser.get("/connectors/").url == "/account/login/?next=/connectors/"
    browser.cookies["sessionid"] = cookie
    assert not is_signed_in(browser)


def test_the_first_click_writes_nothing(browser):
    assert "used_at" not in browser.session


def test_a_click_soon_after_another_writes_nothing(browser):
    age(browser, used=100)
    before = browser.session["used_at"]
    assert is_signed_in(browser)
    assert browser.session["used_at"] == before


def test_what_ran_out_is_not_listed_any_more(browser, alice):
    there = Client()
    enter_password(there)
    age(there, used=13 * HOUR)
    assert len(sessions_of(alice, current_key=None)) == 1


def test_what_ran_out_is_forgotten_at_night(browser, alice):
    assert forget_over(now=timezone.now() + timedelta(days=6)) == 0
    assert is_signed_in(browser)
    assert forget_over(now=timezone.now() + timedelta(days=8)) == 1
    assert (Session.objects.count(), UserSession.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("seen_on", "back"),
    [
        ("http://testserver/connectors/?q=a", "/connectors/%3Fq%3Da"),
        ("https://elsewhere.example/x", "/"),
        (None, "/"),
    ],
)
def test_a_part_of_a_page_leads_the_page_to_signing_in_and_is_no_form_of_it(browser, seen_on, back):
    age(browser, began=8 * DAY)
    headers = {"HX-Request": "true"} | ({"HX-Current-URL": seen_on} if seen_on else {})
    answer = browser.get("/connectors/", headers=headers)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer["HX-Redirect"] == f"/account/login/?next={back}"
