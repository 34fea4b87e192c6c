"""Delete for good: the label typed, the documents named and ticked; then followed until it is gone."""

from datetime import timedelta

import pytest
from django.utils import timezone

from connectors_app.choices import Outcome, State
from connectors_app.models import Connector, Operation
from tests.connectors.changing import asked, detail, form_on, fresh, opened, plant, url
from tests.connectors.stage import error_at, only_operation, text_of, values_in


@pytest.fixture
def inbox(sandbox, alice_with_key):
    return plant(sandbox, alice_with_key, files_count=3200)


@pytest.fixture
def delete(desk):
    def send(connector, **changes):
        wanted = {"label": connector.label, "force_delete": "on", **changes}
        return desk.post(url(connector, "delete"), opened(desk, url(connector, "delete"), **wanted), follow=True)

    return send


def refresh(desk, connector):
    return desk.post(url(connector, "refresh"), headers={"HX-Request": "true"}).content.decode()


def test_the_page_names_what_goes_and_offers_to_archive_instead(desk, inbox, sandbox):
    page = desk.get(url(inbox, "delete"))
    assert "I know that deleting it deletes its 3,200 documents" in text_of(page)
    assert "force_delete" not in form_on(page)  # not ticked
    assert values_in(page)["label"] == ""
    assert f'href="{url(inbox, "archive")}"' in page.content.decode()
    assert sandbox.requests == []


@pytest.mark.parametrize(
    ("documents", "words"),
    [
        (0, "its 0 documents"),
        (1, "its 1 document"),
        (101, "its 101 documents"),
        (620, "its at least 500 documents"),
    ],
)
def test_documents_that_the_api_does_not_count_are_counted(desk, sandbox, alice_with_key, documents, words):
    inbox = plant(sandbox, alice_with_key)
    sandbox.plant_documents(str(inbox.connector_id), count=documents)
    Connector.objects.update(files_count=None)
    assert f"I know that deleting it deletes {words}" in text_of(desk.get(url(inbox, "delete")))
    assert asked(sandbox) == ["listDocuments"] * min(5, documents // 100 + 1)


def test_documents_that_can_not_be_counted_are_not_made_light_of(desk, sandbox, alice_with_key):
    inbox = plant(sandbox, alice_with_key)
    sandbox.fault("listDocuments", "500", times=0)
    text = text_of(desk.get(url(inbox, "delete")))
    assert "I know that deleting it deletes its documents" in text
    assert "could not be found out" in text


def test_label_and_tick_start_the_deletion(delete, inbox, sandbox):
    page = delete(inbox)
    assert page.redirect_chain == [(detail(inbox), 302)]
    assert "Its deletion has begun." in text_of(page)
    for words in ("Mail is taken in", "Copy address"):
        assert words not in text_of(page)
    assert [(call["method"], call["query"]) for call in sandbox.requests] == [("DELETE", "force_delete=true")]
    assert fresh(inbox).state == State.DELETING


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"label": ""}, "label", "Type the label"),
        ({"label": "desk mail"}, "label", "not its label"),
        ({"label": "Desk mail 2"}, "label", "not its label"),
        ({"force_delete": None}, "force_delete", "Tick this as well"),
    ],
)
def test_one_without_the_other_does_nothing(delete, inbox, sandbox, changes, field, message):
    page = delete(inbox, **changes)
    assert message in error_at(page, field)
    assert "I know that deleting it deletes its 3,200 documents" in text_of(page)
    assert sandbox.requests == []
    assert fresh(inbox).state != State.DELETING


@pytest.mark.parametrize(
    ("label", "typed"),
    [
        ("Desk mail", "  Desk mail "),
        ("Two  spaces\nand a line", "Two spaces and a line"),
        ("Caf\u00e9", "Cafe\u0301"),
    ],
)
def test_the_label_counts_as_it_looks(delete, sandbox, alice_with_key, label, typed):
    inbox = plant(sandbox, alice_with_key, label=label)
    delete(inbox, label=typed)
    assert fresh(inbox).state == State.DELETING


def test_a_connector_without_a_label_is_named_by_its_id(delete, sandbox, alice_with_key):
    inbox = plant(sandbox, alice_with_key, label=" ")
    delete(inbox, label=str(inbox.connector_id))
    assert fresh(inbox).state == State.DELETING


def test_a_label_with_markup_in_it_is_text(desk, sandbox, alice_with_key):
    evil = plant(sandbox, alice_with_key, label="<img src=x onerror=alert(1)>")
    for page in ("delete", "archive", "sync"):
        assert "<img" not in desk.get(url(evil, page)).content.decode()


def test_it_is_followed_until_it_is_gone_and_then_says_when_and_by_whom(delete, desk, inbox, sandbox):
    delete(inbox)
    live = refresh(desk, inbox)
    assert 'data-state="deleting"' in live
    assert "hx-trigger" in live
    sandbox.advance(10)
    live = refresh(desk, inbox)
    assert 'data-state="gone"' in live
    assert "hx-trigger" not in live
    assert 'hx-swap-oob="delete:.connector-intake"' in live
    page = desk.get(detail(inbox))
    assert "?round=" not in page.content.decode()
    text = text_of(page)
    assert "Gone" not in text
    assert "Deleted for good, as was asked here" in text
    assert "Deleted for good: alice@example.com asked just now for this" in text
    assert "Bigdata.com confirmed just now" in text


def test_what_is_being_deleted_is_not_deleted_again(delete, desk, inbox, sandbox):
    delete(inbox)
    assert "It is being deleted." in text_of(desk.get(url(inbox, "delete")))
    for page in ("delete", "archive", "edit", "sync"):
        assert desk.post(url(inbox, page)).status_code == 400
    assert asked(sandbox) == ["deleteConnector"]


def test_a_double_click_is_one_deletion(desk, inbox, sandbox):
    form = opened(desk, url(inbox, "delete"), label=inbox.label, force_delete="on")
    assert [desk.post(url(inbox, "delete"), form).url for _ in range(2)] == [detail(inbox)] * 2
    assert asked(sandbox) == ["deleteConnector"]


@pytest.mark.parametrize("fault", ["404", "429"])
def test_a_failure_is_told_and_what_was_typed_stays(delete, inbox, sandbox, fault):
    sandbox.fault("deleteConnector", fault)
    page = delete(inbox)
    assert only_operation().message in text_of(page)
    assert values_in(page)["label"] == inbox.label
    assert fresh(inbox).state != State.DELETING


def test_a_lost_answer_is_settled_when_it_is_gone(delete, desk, inbox, sandbox):
    sandbox.fault("deleteConnector", "reset-after")
    assert "whether it was deleted" in text_of(delete(inbox))
    check = f"/operations/{only_operation().pk}/check/"
    assert "We are checking" in text_of(desk.post(check, follow=True))
    sandbox.advance(10)
    page = desk.post(check, follow=True)
    assert page.redirect_chain[-1] == (detail(inbox), 302)
    assert "alice@example.com asked just now for this" in text_of(page)
    assert asked(sandbox).count("deleteConnector") == 1


def test_what_is_still_there_after_an_hour_was_not_deleted(delete, desk, inbox, sandbox):
    sandbox.fault("deleteConnector", "reset-before")
    delete(inbox)
    Operation.objects.update(created_at=timezone.now() - timedelta(hours=2))
    page = desk.post(f"/operations/{only_operation().pk}/check/", follow=True)
    assert "It was not deleted" in text_of(page)
    assert only_operation().outcome == Outcome.FAILED


def test_an_admin_s_deletion_names_whose_key_it_was(signed_in, with_key, adam, inbox, desk, sandbox):
    client = signed_in(with_key(adam))
    form = opened(client, url(inbox, "delete"), label=inbox.label, force_delete="on")
    client.post(url(inbox, "delete"), form)
    text = text_of(desk.get(detail(inbox)))
    assert "adam@example.com asked just now for this" in text
    assert "with alice@example.com's API key" in text
