"""The day on which a key expires, as its owner notes it: a reminder, nothing more."""

import re
from datetime import date, timedelta

import pytest
from django.utils import timezone

from connectors_app.models import ApiKey
from connectors_app.services import polling

KEY, OTHER = "canary-key-with-a-date", "canary-key-in-its-place"


@pytest.fixture
def page(sandbox, signed_in, alice):
    sandbox.add_key(KEY, "user_alice")
    sandbox.add_key(OTHER, "user_alice")
    return signed_in(alice)


def in_days(days):
    return timezone.localdate() + timedelta(days=days)


def noted():
    return ApiKey.objects.get().expires_on


def send(page, value=KEY, expires_on=None):
    return page.post("/keys/", {"api_key": value, "expires_on": expires_on or ""})


def banner(page):
    found = re.search(r'(?s)<div class="banner alert alert-(\w+)".*?<div>(.*?)</div>', page.get("/").text)
    return found and (found[1], found[2].strip())


def test_a_key_may_be_stored_with_its_last_day(page):
    send(page, expires_on=in_days(90))
    assert noted() == in_days(90)
    assert date_words(in_days(90)) in page.get("/keys/").text


def date_words(day):
    return f"{day.day} {day:%b %Y}"


@pytest.mark.parametrize("days", [0, 1, 4000])
def test_today_and_every_later_day_can_be_set(page, days):
    send(page)
    assert page.post("/keys/expiry/", {"expires_on": in_days(days)}).url == "/keys/"
    assert noted() == in_days(days)


@pytest.mark.parametrize("url", ["/keys/", "/keys/expiry/"])
@pytest.mark.parametrize("wrong", ["yesterday", "past", "2026-13-01", "01/02/2030", "x\0"])
def test_a_day_that_is_over_or_none_is_refused_at_its_field(page, sandbox, url, wrong):
    send(page)
    sandbox.clear_requests()
    value = in_days(-1).isoformat() if wrong == "past" else wrong
    answer = page.post(url, {"api_key": OTHER, "expires_on": value})
    assert list(answer.context["form"].errors) == ["expires_on"]
    assert noted() is None
    assert sandbox.requests == []


def test_what_was_typed_stays_but_for_the_key(page):
    answer = page.post("/keys/", {"api_key": "not a key", "expires_on": in_days(9).isoformat()})
    assert f'value="{in_days(9).isoformat()}"' in answer.text
    assert "not a key" not in answer.text


def test_a_day_can_be_taken_away(page):
    send(page, expires_on=in_days(5))
    page.post("/keys/expiry/", {"expires_on": ""})
    assert noted() is None


def test_another_key_does_not_expire_with_the_old_one(page):
    send(page, expires_on=in_days(5))
    send(page, OTHER)
    assert noted() is None


def test_another_key_can_bring_a_day_of_its_own(page):
    send(page, expires_on=in_days(5))
    send(page, OTHER, expires_on=in_days(300))
    assert noted() == in_days(300)


def test_the_same_key_sent_again_keeps_its_day(page):
    send(page, expires_on=in_days(5))
    send(page)
    assert noted() == in_days(5)


def test_without_a_key_there_is_no_day_to_set(page):
    assert page.get("/keys/expiry/").url == "/keys/"
    assert page.post("/keys/expiry/", {"expires_on": in_days(5)}).url == "/keys/"


@pytest.mark.parametrize(
    ("days", "tone", "says"),
    [(14, "warning", "expires on"), (0, "warning", "expires on"), (-1, "danger", "expired on")],
)
def test_its_owner_is_reminded(page, days, tone, says):
    send(page)
    ApiKey.objects.update(expires_on=in_days(days))
    shown = banner(page)
    assert shown[0] == tone
    assert f"Your API key {says} {in_days(days).day} " in shown[1]
    assert '<a class="alert-link" href="/keys/">Replace key</a>' in shown[1]


def test_nobody_is_reminded_too_early(page):
    send(page)
    ApiKey.objects.update(expires_on=in_days(15))
    assert "Sandbox in use" in banner(page)[1]


def test_the_day_of_another_year_is_told_with_its_year(page):
    send(page)
    ApiKey.objects.update(expires_on=date(2020, 2, 29))
    assert "expired on 29 Feb 2020" in banner(page)[1]


@pytest.mark.parametrize(
    ("status", "says"), [("rejected", "no longer accepts"), ("disabled", "admin has disabled")]
)
def test_what_stopped_a_key_is_more_pressing_than_its_last_day(page, status, says):
    send(page)
    ApiKey.objects.update(expires_on=in_days(-1), status=status)
    assert says in banner(page)[1]


def test_a_key_is_used_for_as_long_as_it_is_accepted(page):
    send(page)
    ApiKey.objects.update(expires_on=in_days(-1))
    assert polling.poll(ApiKey.objects.get().pk)
