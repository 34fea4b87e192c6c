"""The progress page, its fragment, retries, and the list of earlier bulk work."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from connectors_app.choices import BulkAction, Outcome
from connectors_app.models import Bulk
from connectors_app.services import bulk
from tests.bulk.conftest import begin, begin_syncs, progress, time_passes, turn, work_off

HTMX = {"HX-Request": "true"}


@pytest.fixture
def alice(alice, with_key):
    return with_key(alice)


@pytest.fixture
def browser(alice, signed_in):
    return signed_in(alice)


@pytest.fixture
def partly_failed(alice, have, sandbox):
    """Three archived, two failed."""
    work = begin(alice, BulkAction.ARCHIVE, have(alice, 5))
    sandbox.fault("deleteConnector", "404", times=2)
    work_off(work)
    return work


def page(browser, work, **headers):
    return browser.get(f"/bulk/{work.pk}/", headers=headers).text


def counts(text):
    return {name: int(number) for name, number in re.findall(r'data-count="(\w+)">\s*(\d+)\s*<', text)}


def failed_ids(work):
    return list(work.items.filter(outcome=Outcome.FAILED).values_list("pk", flat=True))


def retry(browser, work, **form):
    return browser.post(f"/bulk/{work.pk}/retry/", form)


def test_it_counts_what_is_done_failed_and_left(browser, alice, have, sandbox):
    work = begin_syncs(alice, have(alice, 5))
    sandbox.fault("triggerSync", "404", times=1)
    turn(work, limit=3)
    text = page(browser, work)
    assert counts(text) == {"succeeded": 2, "failed": 1, "left": 2}
    assert '<progress class="progress bulk-progress" max="5" value="3"' in " ".join(text.split())
    assert "In progress" in text


def test_it_follows_itself_ever_more_slowly_until_it_is_over(browser, alice, have):
    work = begin_syncs(alice, have(alice, 2))
    text = page(browser, work)
    assert f'hx-get="/bulk/{work.pk}/?round=1"' in text
    later = browser.get(f"/bulk/{work.pk}/?round=25", headers=HTMX).text
    assert "delay:5s" in later
    assert "<html" not in later
    assert "hx-get" not in browser.get(f"/bulk/{work.pk}/?round=999", headers=HTMX).text
    work_off(work)
    over = page(browser, work, **HTMX)
    assert "hx-get" not in over
    assert "Finished" in over


def test_a_lost_answer_shows_as_checking_and_keeps_the_page_following(browser, alice, have, sandbox):
    work = begin_syncs(alice, have(alice))
    sandbox.fault("triggerSync", "500", times=1)
    work_off(work)
    text = page(browser, work)
    assert counts(text) == {"succeeded": 0, "failed": 0, "checking": 1, "left": 0}
    assert "hx-get" in text
    assert "Retry" not in text


def test_the_list_counts_as_the_page_does(browser, alice, have, sandbox):
    work = begin_syncs(alice, have(alice, 2))
    sandbox.fault("triggerSync", "500", times=1)
    work_off(work)
    listed = re.findall(r'data-label="(Done|Failed|Left)">([^<]*)<', browser.get("/bulk/").text)
    assert listed == [("Done", "1 asked"), ("Failed", "0"), ("Left", "0")]
    text = page(browser, work)
    assert counts(text) == {"succeeded": 1, "failed": 0, "checking": 1, "left": 0}
    assert "<dt>Asked</dt>" in text


def test_what_is_done_shows_each_state_and_is_unfolded_when_it_is_over(browser, alice, have):
    work = begin_syncs(alice, have(alice, 2))
    turn(work, limit=1)
    assert "open" not in page(browser, work).partition('id="bulk-succeeded"')[2].split(">")[0]
    work_off(work)
    text = page(browser, work).partition('id="bulk-succeeded"')[2]
    assert text.split(">")[0].strip() == "open"
    assert "Asked: 2" in text
    assert text.count("badge") >= 2


def test_what_failed_says_why(browser, partly_failed):
    text = page(browser, partly_failed)
    assert text.count("shows no such connector") == 2
    assert "Finished, 2 failed" in text


def test_one_is_retried_alone(browser, partly_failed):
    first, _ = failed_ids(partly_failed)
    answer = retry(browser, partly_failed, item=first)
    assert answer.url == f"/bulk/{partly_failed.pk}/"
    assert progress(partly_failed) == bulk.Progress(succeeded=3, failed=1, left=1)
    time_passes()
    assert work_off(partly_failed) == bulk.Progress(succeeded=4, failed=1)


def test_a_double_click_retries_once(browser, partly_failed, sandbox):
    first, _ = failed_ids(partly_failed)
    retry(browser, partly_failed, item=first)
    sandbox.fault("deleteConnector", "404", times=1)
    time_passes()
    work_off(partly_failed)
    retry(browser, partly_failed, item=first)
    assert progress(partly_failed) == bulk.Progress(succeeded=3, failed=2)


def test_all_failed_are_retried_and_what_failed_since_is_not(browser, partly_failed, sandbox):
    until = re.search(r'name="until"\s+value="([^"]+)"', page(browser, partly_failed))[1]
    sandbox.fault("deleteConnector", "404", times=1)
    retry(browser, partly_failed, until=until)
    assert progress(partly_failed).left == 2
    time_passes()
    assert work_off(partly_failed) == bulk.Progress(succeeded=4, failed=1)
    retry(browser, partly_failed, until=until)
    assert progress(partly_failed) == bulk.Progress(succeeded=4, failed=1)


@pytest.mark.parametrize("form", [{}, {"item": "nonsense"}, {"until": "soon"}, {"until": "2026-99-99T00:00:00Z"}])
def test_a_retry_of_nothing_does_nothing(browser, partly_failed, form):
    assert retry(browser, partly_failed, **form).status_code == 302
    assert progress(partly_failed) == bulk.Progress(succeeded=3, failed=2)


def test_what_succeeded_is_not_retried(browser, partly_failed):
    done = partly_failed.items.filter(outcome=Outcome.SUCCEEDED).first()
    retry(browser, partly_failed, item=done.pk)
    assert progress(partly_failed).left == 0


def test_a_retry_from_elsewhere_does_nothing(alice, partly_failed):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert retry(client, partly_failed, item=failed_ids(partly_failed)[0]).status_code == 403


def test_earlier_work_is_listed_newest_first(browser, alice, have):
    connectors = have(alice, 2)
    old, new = begin_syncs(alice, connectors), begin(alice, BulkAction.ARCHIVE, connectors)
    Bulk.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=1))
    work_off(new)
    listed = re.findall(r'href="/bulk/([0-9a-f-]{36})/"', browser.get("/bulk/").text)
    assert listed == [str(new.pk), str(old.pk)]


def test_before_the_first_the_list_says_what_bulk_work_is(browser):
    assert "Select several connectors" in browser.get("/bulk/").text


def test_pages_take_few_queries_whatever_their_size(browser, alice, have, django_assert_max_num_queries):
    connectors = have(alice, 60)
    works = [begin_syncs(alice, connectors) for _ in range(5)]
    work_off(works[0])
    with django_assert_max_num_queries(8):
        browser.get("/bulk/")
    with django_assert_max_num_queries(10):
        page(browser, works[0])


def test_labels_from_upstream_are_inert(browser, alice, have, sandbox):
    work = begin_syncs(alice, have(alice, label="<script>alert(1)</script>"))
    sandbox.fault("triggerSync", "404", times=1)
    work_off(work)
    assert "<script>alert" not in page(browser, work)
