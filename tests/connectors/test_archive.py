"""Archive: a page that says what stays, and one call."""

from datetime import timedelta

import pytest
from django.utils import timezone

from connectors_app.choices import OperationKind, Outcome, State
from connectors_app.models import Operation, OutsideChange
from tests.connectors.changing import asked, detail, form_on, fresh, look, opened, plant, url
from tests.connectors.stage import only_operation, text_of


@pytest.fixture
def inbox(sandbox, alice_with_key):
    return plant(sandbox, alice_with_key)


def test_the_page_says_what_stays_and_that_there_is_no_way_back(desk, inbox, sandbox):
    text = text_of(desk.get(url(inbox, "archive")))
    assert "Its documents stay, and stay searchable." in text
    assert "can't be undone from here" in text
    assert f"Created just now Inbox address {inbox.inbox_address} Nothing new comes in" in text
    assert sandbox.requests == []


def test_it_is_archived_and_recorded(desk, inbox, sandbox):
    page = desk.post(url(inbox, "archive"), opened(desk, url(inbox, "archive")), follow=True)
    assert page.redirect_chain == [(detail(inbox), 302)]
    assert "It is archived." in text_of(page)
    assert [(call["method"], call["query"]) for call in sandbox.requests] == [("DELETE", "")]
    assert (fresh(inbox).archived, fresh(inbox).state) == (True, State.ARCHIVED)
    assert (only_operation().kind, only_operation().outcome) == (OperationKind.ARCHIVE, Outcome.SUCCEEDED)
    assert not OutsideChange.objects.exists()


def test_sent_twice_it_is_one_change(desk, inbox, sandbox):
    form = opened(desk, url(inbox, "archive"))
    assert [desk.post(url(inbox, "archive"), form).url for _ in range(2)] == [detail(inbox)] * 2
    assert asked(sandbox) == ["deleteConnector"]


def test_what_is_archived_says_so_and_is_not_archived_again(desk, sandbox, alice_with_key):
    inbox = plant(sandbox, alice_with_key, archived=True)
    assert "It is archived already." in text_of(desk.get(url(inbox, "archive")))
    assert desk.post(url(inbox, "archive")).status_code == 400
    assert sandbox.requests == []


@pytest.mark.parametrize("fault", ["404", "429", "401"])
def test_a_failure_is_told_and_the_page_can_be_sent_again(desk, inbox, sandbox, fault):
    form = opened(desk, url(inbox, "archive"))
    sandbox.fault("deleteConnector", fault)
    page = desk.post(url(inbox, "archive"), form)
    assert only_operation().message in text_of(page)
    assert form_on(page)["operation_id"] != form["operation_id"]
    assert not fresh(inbox).archived


@pytest.mark.parametrize("way", ["check", "poll"])
def test_what_was_archived_though_the_answer_was_lost_is_found(desk, inbox, sandbox, alice_with_key, way):
    sandbox.fault("deleteConnector", "reset-after")
    page = desk.post(url(inbox, "archive"), opened(desk, url(inbox, "archive")), follow=True)
    assert "whether it was archived" in text_of(page)
    if way == "check":
        desk.post(f"/operations/{only_operation().pk}/check/")
    else:
        look(alice_with_key)
    assert desk.get(f"/operations/{only_operation().pk}/").url == detail(inbox)
    assert only_operation().outcome == Outcome.SUCCEEDED
    assert asked(sandbox).count("deleteConnector") == 1


def test_what_was_not_archived_says_so(desk, inbox, sandbox):
    sandbox.fault("deleteConnector", "500")
    desk.post(url(inbox, "archive"), opened(desk, url(inbox, "archive")))
    Operation.objects.update(created_at=timezone.now() - timedelta(minutes=1))
    page = desk.post(f"/operations/{only_operation().pk}/check/", follow=True)
    assert "It was not archived" in text_of(page)
    assert url(inbox, "archive") in page.content.decode()


def test_an_upstream_that_is_silent_leads_to_the_page_that_checks(desk, inbox, sandbox, settings):
    settings.BIGDATA_READ_TIMEOUT, settings.BIGDATA_TOTAL_TIMEOUT = 0.3, 0.5
    sandbox.fault("deleteConnector", "latency", seconds=2)
    page = desk.post(url(inbox, "archive"), opened(desk, url(inbox, "archive")), follow=True)
    assert "did not answer in time" in text_of(page)


def test_an_admin_does_it_with_the_owner_s_key_and_it_says_so(signed_in, with_key, adam, inbox, sandbox):
    client = signed_in(with_key(adam))
    sandbox.clear_requests()
    page = client.get(url(inbox, "archive"))
    assert "This uses alice@example.com's API key, and the audit trail says so." in text_of(page)
    client.post(url(inbox, "archive"), form_on(page))
    assert [call["user_id"] for call in sandbox.requests] == ["user_alice"]
    assert only_operation().key_owner.email == "alice@example.com"
