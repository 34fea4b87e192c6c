"""Sync now: asks once, shows Syncing until a newer result is in, and says why where there is no sync."""

import re
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from connectors_app.choices import Outcome, State
from connectors_app.models import Connector, Operation
from connectors_app.services.changes import ask_for_sync
from connectors_app.services.syncs import default_date_limit
from tests.connectors.changing import (
    BROKER,
    INBOX,
    LIBRARY,
    asked,
    detail,
    form_on,
    fresh,
    look,
    opened,
    plant,
    sent,
    url,
)
from tests.connectors.stage import error_at, make_run, only_operation, text_of, values_in

TODAY = date(2026, 3, 20)


@pytest.fixture
def broker(sandbox, alice_with_key):
    return plant(sandbox, alice_with_key, **BROKER)


def test_a_broker_sync_goes_back_to_the_day_that_was_chosen(desk, broker, sandbox):
    page = desk.post(url(broker, "sync"), opened(desk, url(broker, "sync"), date_limit="2026-01-01"), follow=True)
    assert page.redirect_chain == [(detail(broker), 302)]
    assert "A sync was asked for." in text_of(page)
    assert sent(sandbox, "triggerSync") == [{"date_limit": "2026-01-01"}]
    assert fresh(broker).state == State.SYNCING


def test_a_sharepoint_sync_is_a_mere_question(desk, sandbox, alice_with_key):
    library = plant(sandbox, alice_with_key, **LIBRARY)
    page = desk.get(url(library, "sync"))
    assert "date_limit" not in form_on(page)
    desk.post(url(library, "sync"), form_on(page))
    assert sent(sandbox, "triggerSync") == [{}]
    assert fresh(library).state == State.SYNCING


def test_the_page_follows_the_sync_until_its_result_is_in(desk, broker, sandbox):
    desk.post(url(broker, "sync"), opened(desk, url(broker, "sync")))
    live = desk.post(url(broker, "refresh"), headers={"HX-Request": "true"})
    assert 'data-state="syncing"' in live.content.decode()
    assert "hx-trigger" in live.content.decode()
    sandbox.advance(10)
    live = desk.post(url(broker, "refresh"), headers={"HX-Request": "true"})
    assert 'data-state="healthy"' in live.content.decode()


def test_while_one_is_under_way_no_other_is_asked_for(desk, broker, sandbox):
    form = opened(desk, url(broker, "sync"))
    desk.post(url(broker, "sync"), form)
    sandbox.clear_requests()
    assert "A sync is in progress." in text_of(desk.get(detail(broker)))
    assert f'href="{url(broker, "sync")}"' not in desk.get(detail(broker)).text
    again = desk.post(url(broker, "sync"), form | {"operation_id": str(uuid4())})
    assert again.status_code == 400
    assert "A sync is in progress." in text_of(again)
    assert sandbox.requests == []


def test_one_that_gave_no_sign_for_long_keeps_nobody_from_another(desk, broker):
    desk.post(url(broker, "sync"), opened(desk, url(broker, "sync")))
    Connector.objects.update(sync_asked_at=timezone.now() - timedelta(minutes=16))
    assert f'href="{url(broker, "sync")}"' in desk.get(detail(broker)).text
    assert "its result has not come in yet" in text_of(desk.get(url(broker, "sync")))


def test_once_the_result_is_in_the_open_page_offers_the_next_sync(desk, broker, sandbox):
    desk.post(url(broker, "sync"), opened(desk, url(broker, "sync")))
    waiting = desk.post(url(broker, "refresh"), headers={"HX-Request": "true"}).text
    assert "hx-swap-oob" not in waiting
    sandbox.advance(10)
    live = desk.post(url(broker, "refresh"), headers={"HX-Request": "true"}).text
    assert f'href="{url(broker, "sync")}"' in live.partition("hx-swap-oob")[2]


def test_after_a_refused_sync_the_connector_is_the_way_on(desk, broker, alice_with_key):
    operation = ask_for_sync(broker, member=alice_with_key, operation_id=uuid4(), date_limit=None)
    Operation.objects.update(outcome="failed", error_code="refused", message="It is being synced already.")
    page = desk.get(f"/operations/{operation.pk}/").text
    assert f'<a class="btn btn-primary" href="{detail(broker)}"' in page


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        (INBOX, "Email connectors have no sync"),
        ({**BROKER, "archived": True}, "archived"),
        ({"type": "gopher", "config": {}}, "does not know this type"),
    ],
)
def test_where_there_is_no_sync_the_page_says_why_and_nothing_is_sent(desk, sandbox, alice_with_key, fields, why):
    connector = plant(sandbox, alice_with_key, **fields)
    for page, status in [(desk.get(url(connector, "sync")), 200), (desk.post(url(connector, "sync")), 400)]:
        assert page.status_code == status
        assert why in text_of(page)
        assert "operation_id" not in page.content.decode()
    assert sandbox.requests == []
    assert not Operation.objects.exists()


@pytest.mark.parametrize(("fields", "is_there"), [(INBOX, False), ({**BROKER, "archived": True}, True)])
def test_the_button_is_there_where_the_type_has_syncs_even_if_not_now(
    desk, sandbox, alice_with_key, fields, is_there
):
    page = text_of(desk.get(detail(plant(sandbox, alice_with_key, **fields))))
    assert ("Sync now" in page) is is_there
    assert "Email connectors have no sync" not in page


@pytest.mark.parametrize(
    ("date_limit", "message"),
    [
        ("", "from which day"),
        ("soon", "year-month-day"),
        ("2026-02-30", "year-month-day"),
        ("2100-01-01", "future"),
    ],
)
def test_a_day_that_can_not_be_is_refused_at_its_field(desk, broker, sandbox, date_limit, message):
    page = desk.post(url(broker, "sync"), opened(desk, url(broker, "sync"), date_limit=date_limit))
    assert message in error_at(page, "date_limit")
    assert values_in(page)["date_limit"] == date_limit
    assert sandbox.requests == []


def test_today_is_not_the_future_and_tomorrow_is(desk, broker):
    today = timezone.localdate()
    tomorrow = opened(desk, url(broker, "sync"), date_limit=(today + timedelta(days=1)).isoformat())
    assert "future" in error_at(desk.post(url(broker, "sync"), tomorrow), "date_limit")
    today = opened(desk, url(broker, "sync"), date_limit=today.isoformat())
    assert desk.post(url(broker, "sync"), today).status_code == 302


def test_the_form_offers_the_day_of_the_last_good_sync(desk, sandbox, alice_with_key):
    synced = {"last_sync_at": "2026-03-05T10:00:00Z", "last_sync_status": "SUCCESS"}
    broker = plant(sandbox, alice_with_key, **BROKER, **synced)
    assert values_in(desk.get(url(broker, "sync")))["date_limit"] == "2026-03-05"


def test_a_failed_sync_does_not_count_but_an_earlier_good_one_does(broker):
    assert default_date_limit(broker, today=TODAY) == TODAY - timedelta(days=30)
    broker.last_sync_at, broker.last_sync_status = timezone.now(), "FAILED"
    for day, status in [(3, "FAILED"), (2, "SUCCESS"), (1, "SUCCESS")]:
        at = datetime(2026, 3, day, 12, tzinfo=UTC)
        make_run(broker, at=at, status=status)
    assert default_date_limit(broker, today=TODAY) == date(2026, 3, 2)


def test_the_day_offered_is_never_in_the_future(broker):
    broker.last_sync_at, broker.last_sync_status = timezone.now(), "SUCCESS"
    assert default_date_limit(broker, today=TODAY) == TODAY


def test_a_refusal_stands_at_its_field(desk, broker, upstream_answers):
    form = opened(desk, url(broker, "sync"))
    upstream_answers(400, {"errors": {"date_limit": ["is too far back"]}})
    page = desk.post(url(broker, "sync"), form)
    assert "is too far back" in error_at(page, "date_limit")
    assert form_on(page)["operation_id"] != form["operation_id"]
    assert only_operation().outcome == Outcome.FAILED


def test_a_double_click_is_one_sync(desk, broker, sandbox):
    form = opened(desk, url(broker, "sync"))
    assert [desk.post(url(broker, "sync"), form).url for _ in range(2)] == [detail(broker)] * 2
    assert len(sent(sandbox, "triggerSync")) == 1


@pytest.mark.parametrize("fault", ["500", "reset-after"])
def test_a_lost_answer_is_settled_by_a_newer_result(desk, broker, sandbox, fault, alice_with_key):
    sandbox.fault("triggerSync", fault)
    page = desk.post(url(broker, "sync"), opened(desk, url(broker, "sync")), follow=True)
    assert "We are checking" in text_of(page)
    sandbox.sync_result(str(broker.connector_id), now=True, status="SUCCESS")
    look(alice_with_key)
    assert only_operation().outcome == Outcome.SUCCEEDED
    assert len(sent(sandbox, "triggerSync")) == 1


def test_what_gave_no_sign_for_long_was_not_asked_for(desk, broker, sandbox):
    sandbox.fault("triggerSync", "reset-before")
    desk.post(url(broker, "sync"), opened(desk, url(broker, "sync")))
    Operation.objects.update(created_at=timezone.now() - timedelta(minutes=16))
    page = desk.post(f"/operations/{only_operation().pk}/check/", follow=True)
    assert "It was not asked to sync" in text_of(page)
    assert url(broker, "sync") in page.content.decode()


def test_support_may_ask_with_the_owner_s_key_and_it_says_so(signed_in, with_key, sam, broker, sandbox):
    client = signed_in(with_key(sam))
    sandbox.clear_requests()
    page = client.get(url(broker, "sync"))
    assert "This uses alice@example.com's API key, and the audit trail says so." in text_of(page)
    client.post(url(broker, "sync"), form_on(page))
    assert [call["user_id"] for call in sandbox.requests] == ["user_alice"]
    assert (only_operation().actor.email, only_operation().key_owner.email) == (
        "sam@example.com",
        "alice@example.com",
    )
    assert asked(sandbox) == ["triggerSync"]


@pytest.mark.parametrize(
    ("kind", "error", "main", "target"),
    [
        (BROKER, "Login refused: wrong password", "Replace credentials", "replace/"),
        (LIBRARY, "The session has expired", "Ask for a new session", "mailto:"),
        (BROKER, "Too many requests", "Sync now", "sync/"),
    ],
)
def test_the_main_action_is_the_one_that_mends_the_cause(desk, sandbox, alice_with_key, kind, error, main, target):
    failing = plant(
        sandbox,
        alice_with_key,
        **kind,
        last_sync_at="2026-03-01T00:00:00+00:00",
        last_sync_status="FAILED",
        last_sync_error_msg=error,
    )
    [(address, words)] = re.findall(
        r'<a class="btn btn-primary" href="([^"]+)">([^<]+)', desk.get(detail(failing)).text
    )
    assert words == main
    assert target in address
