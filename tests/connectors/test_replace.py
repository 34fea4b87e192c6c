"""Replace credentials: a successor takes a broker connector's place, once a sync with them has succeeded."""

import pytest

from connectors_app.choices import Outcome
from connectors_app.models import ApiKey, Connector, Operation
from connectors_app.services import polling
from tests.connectors.changing import (
    BROKER,
    INBOX,
    LIBRARY,
    detail,
    form_on,
    fresh,
    look,
    opened,
    plant,
    sent,
    url,
)
from tests.connectors.stage import error_at, only_operation, text_of, values_in
from tests.stored import everything_stored

SECRET = "canary-broker-password"


@pytest.fixture
def old(sandbox, alice_with_key):
    failing = {"last_sync_at": "2026-03-05T10:00:00Z", "last_sync_status": "FAILED", "share_with_org": True}
    failing["last_sync_error_msg"] = "Login refused"
    return plant(sandbox, alice_with_key, **BROKER, **failing, description="For the desk")


@pytest.fixture
def replace(desk):
    def send(connector, **changes):
        wanted = {"user_id": "desk-8", "user_password": SECRET, **changes}
        return desk.post(url(connector, "replace"), opened(desk, url(connector, "replace"), **wanted), follow=True)

    return send


@pytest.fixture
def successor(replace, old):
    replace(old)
    return Connector.objects.get(predecessor=old)


def synced(sandbox, connector, member, status="SUCCESS", error=None):
    sandbox.sync_result(str(connector.connector_id), now=True, status=status, error=error)
    look(member)


def test_the_way_there_is_on_the_page_of_a_failing_broker_connector(desk, old):
    page = desk.get(detail(old))
    assert text_of(page).count("Replace credentials") == 2  # Beside the login and below its error.
    assert url(old, "replace") in page.content.decode()


def test_a_healthy_one_has_it_among_its_details(desk, sandbox, alice_with_key):
    page = desk.get(detail(plant(sandbox, alice_with_key, **BROKER)))
    assert "desk-7 Replace credentials" in text_of(page)
    assert text_of(page).count("Replace credentials") == 1


def test_the_successor_has_all_but_the_login_of_the_old_one(replace, old, sandbox):
    page = replace(old)
    [body] = sent(sandbox, "createConnector")
    assert body == {
        "type": "investment_research",
        "label": "Broker feed",
        "description": "For the desk",
        "share_with_org": True,
        "config": {"user_id": "desk-8", "user_password": "•••"},
    }
    assert page.redirect_chain == [(detail(Connector.objects.get(predecessor=old)), 302)]
    assert [call["operation"] for call in sandbox.requests] == ["createConnector"]


def test_the_login_name_is_filled_in_and_the_password_is_kept_nowhere(desk, replace, old, caplog):
    caplog.set_level("DEBUG")
    assert values_in(desk.get(url(old, "replace")))["user_id"] == "desk-7"
    page = replace(old)
    assert SECRET not in everything_stored() + caplog.text + page.content.decode()


def test_both_pages_link_to_each_other(desk, successor, old):
    assert detail(successor) in desk.get(detail(old)).content.decode()
    assert detail(old) in desk.get(detail(successor)).content.decode()


def test_it_waits_for_the_first_good_sync(desk, successor, old):
    page = desk.get(detail(successor))
    assert "Waiting for its first good sync" in text_of(page)
    assert url(old, "archive") not in page.content.decode()


def test_then_it_offers_to_archive_the_old_one(desk, successor, old, sandbox, alice_with_key):
    synced(sandbox, successor, alice_with_key)
    page = desk.get(detail(successor))
    assert "Its first sync succeeded. Archive the old one" in text_of(page)
    assert url(old, "archive") in page.content.decode()
    desk.post(url(old, "archive"), opened(desk, url(old, "archive")))
    assert fresh(old).archived
    assert "the replacement is complete" in text_of(desk.get(detail(successor)))


def test_a_later_failure_does_not_undo_the_first_good_sync(desk, successor, sandbox, alice_with_key):
    synced(sandbox, successor, alice_with_key)
    sandbox.advance(60)
    synced(sandbox, successor, alice_with_key, "FAILED", "Timed out")
    assert "Its first sync succeeded" in text_of(desk.get(detail(successor)))


def test_a_failed_first_sync_says_what_failed_and_lets_one_try_again(desk, successor, sandbox, alice_with_key):
    synced(sandbox, successor, alice_with_key, "FAILED", "Login <b>refused</b>")
    page = desk.get(detail(successor))
    assert "Its first sync failed: Login <b>refused</b>" in text_of(page)
    assert "The old one is still there. Try other credentials" in text_of(page)
    assert "was to take its place, but its syncs fail" in text_of(desk.get(detail(successor.predecessor)))
    assert url(successor, "replace") in page.content.decode()


def test_after_a_second_try_all_that_it_replaces_can_be_archived(
    desk, replace, successor, old, sandbox, alice_with_key
):
    synced(sandbox, successor, alice_with_key, "FAILED", "Login refused")
    replace(successor, user_id="desk-9")
    last = Connector.objects.get(predecessor=successor)
    synced(sandbox, last, alice_with_key)
    html = desk.get(detail(last)).content.decode()
    assert url(old, "archive") in html
    assert url(successor, "archive") in html


def test_one_that_was_replaced_says_so_and_is_not_replaced_again(desk, successor, old, sandbox):
    page = desk.get(url(old, "replace"))
    assert "replaced already" in text_of(page)
    assert detail(successor) in page.content.decode()
    form = {"user_id": "desk-9", "user_password": SECRET}
    assert desk.post(url(old, "replace"), form).status_code == 400
    assert len(sent(sandbox, "createConnector")) == 1


def test_a_double_click_makes_one_successor(desk, old, sandbox):
    form = opened(desk, url(old, "replace"), user_password=SECRET)
    answers = [desk.post(url(old, "replace"), form).url for _ in range(2)]
    assert answers == [detail(Connector.objects.get(predecessor=old))] * 2
    assert len(sent(sandbox, "createConnector")) == 1


@pytest.mark.parametrize("fields", [INBOX, LIBRARY])
def test_other_types_say_why_not(desk, sandbox, alice_with_key, fields):
    connector = plant(sandbox, alice_with_key, **fields)
    assert "Only broker research connectors" in text_of(desk.get(url(connector, "replace")))
    assert url(connector, "replace") not in desk.get(detail(connector)).content.decode()
    assert desk.post(url(connector, "replace")).status_code == 400


@pytest.mark.parametrize("missing", ["user_id", "user_password"])
def test_both_halves_of_the_login_are_needed(replace, old, sandbox, missing):
    page = replace(old, **{missing: ""})
    assert error_at(page, missing)
    assert SECRET not in page.content.decode()
    assert sandbox.requests == []


def test_a_refusal_stands_at_its_field_and_the_password_is_not_shown_again(replace, old, upstream_answers, desk):
    form = opened(desk, url(old, "replace"), user_id="desk-8", user_password=SECRET)
    upstream_answers(400, {"errors": {"user_id": [f"unknown with {SECRET}"]}})
    page = desk.post(url(old, "replace"), form)
    assert "unknown" in error_at(page, "user_id")
    assert values_in(page)["user_id"] == "desk-8"
    assert SECRET not in page.content.decode()
    assert only_operation().outcome == Outcome.FAILED


@pytest.mark.parametrize("fault", ["401", "404", "429"])
def test_trouble_is_told_and_the_form_can_be_sent_again(desk, replace, old, sandbox, fault):
    sandbox.fault("createConnector", fault)
    page = replace(old)
    assert only_operation().message in text_of(page)
    ApiKey.objects.update(status="working")
    desk.post(url(old, "replace"), form_on(page, user_password=SECRET))
    assert Connector.objects.get(predecessor=old)


@pytest.mark.parametrize("fault", ["reset-after", "malformed", "500"])
def test_while_the_answer_is_looked_for_there_is_no_second_one(desk, replace, old, sandbox, fault):
    sandbox.fault("createConnector", fault)
    assert "We are checking" in text_of(replace(old))
    page = desk.get(url(old, "replace"))
    assert "still being looked for" in text_of(page)
    assert f"/operations/{only_operation().pk}/" in page.content.decode()
    assert desk.post(url(old, "replace"), {"user_id": "x", "user_password": SECRET}).status_code == 400
    assert len(sent(sandbox, "createConnector")) == 1


def test_a_lost_successor_is_found_and_linked(desk, replace, old, sandbox):
    sandbox.fault("createConnector", "reset-after")
    replace(old)
    page = desk.post(f"/operations/{only_operation().pk}/check/", follow=True)
    assert page.redirect_chain[-1] == (detail(Connector.objects.get(predecessor=old)), 302)


def test_one_that_was_not_created_leads_back_with_the_login_name(desk, replace, old, sandbox):
    sandbox.fault("createConnector", "reset-before")
    replace(old)
    lost = only_operation()
    Operation.objects.update(created_at="2026-01-01T00:00:00Z")
    for _ in range(3):
        polling.poll(ApiKey.objects.get().pk)
    page = desk.get(f"/operations/{lost.pk}/")
    again = f"{url(old, 'replace')}?again={lost.pk}"
    assert "It was not created" in text_of(page)
    assert again in page.content.decode()
    assert values_in(desk.get(again))["user_id"] == "desk-8"


def test_another_replacement_s_login_is_not_filled_in(desk, successor, sandbox, alice_with_key):
    other = plant(sandbox, alice_with_key, **{**BROKER, "label": "Other"})
    assert desk.get(f"{url(other, 'replace')}?again={only_operation().pk}").status_code == 404


def test_an_admin_is_told_that_the_successor_will_be_theirs(signed_in, with_key, adam, old):
    client = signed_in(with_key(adam))
    page = client.get(url(old, "replace"))
    assert "The new connector will be yours, adam@example.com" in text_of(page)
    client.post(url(old, "replace"), form_on(page, user_password=SECRET))
    assert Connector.objects.get(predecessor=old).bigdata_user_id == "user_adam"


def test_a_successor_that_one_may_not_see_is_not_named(signed_in, with_key, desk, adam, sandbox, alice_with_key):
    old = plant(sandbox, alice_with_key, **BROKER)
    client = signed_in(with_key(adam))
    client.post(url(old, "replace"), opened(client, url(old, "replace"), user_password=SECRET))
    hidden = str(Connector.objects.get(predecessor=old).connector_id)
    assert hidden not in desk.get(detail(old)).content.decode()
    page = desk.get(url(old, "replace"))
    assert "replaced already" in text_of(page)
    assert hidden not in page.content.decode()


def test_support_is_not_offered_it(signed_in, sam, old):
    text = text_of(signed_in(sam).get(detail(old)))
    assert "Replace credentials" not in text
    assert "or an admin can replace the credentials." in text[text.index("Login rejected") :]


def test_without_a_key_the_page_leads_to_the_keys(desk, sandbox, alice_with_key):
    old = plant(sandbox, alice_with_key, **BROKER)
    ApiKey.objects.all().delete()
    page = desk.get(url(old, "replace"))
    assert "Creating needs your own API key." in text_of(page)
    assert f"/keys/?next={url(old, 'replace')}" in page.content.decode()


def test_the_pages_of_both_need_no_more_queries_than_others(
    desk, successor, old, sandbox, alice_with_key, django_assert_max_num_queries
):
    synced(sandbox, successor, alice_with_key)
    for connector in (old, successor):
        with django_assert_max_num_queries(8):
            desk.get(detail(connector))


def test_a_successor_that_is_archived_stands_in_nobody_s_place(desk, successor, old, sandbox, alice_with_key):
    synced(sandbox, successor, alice_with_key, "FAILED", "Login refused")
    Connector.objects.filter(pk=successor.pk).update(archived=True)
    text = text_of(desk.get(detail(successor)))
    assert "This one is itself archived or deleted" in text
    assert "another sync" not in text
    assert "was to take its place, but is itself archived" in text_of(desk.get(detail(old)))


def test_a_failed_successor_of_one_that_is_archived_says_that_nothing_comes_in(
    desk, successor, old, sandbox, alice_with_key
):
    synced(sandbox, successor, alice_with_key, "FAILED", "Login refused")
    Connector.objects.filter(pk=old.pk).update(archived=True)
    text = text_of(desk.get(detail(successor)))
    assert "so nothing comes in" in text
    assert "the replacement is complete" not in text
    assert "Try other credentials" in text


def test_one_that_waits_is_not_said_to_stand_in_the_place_already(desk, successor, old):
    assert "takes its place once a sync with them has succeeded" in text_of(desk.get(detail(old)))
