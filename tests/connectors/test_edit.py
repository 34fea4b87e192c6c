"""Edit: the form shows what upstream says now, and saving sends every field that can be sent, once."""

import pytest

from connectors_app.choices import OperationKind, Outcome
from connectors_app.models import Operation, OutsideChange
from tests.connectors.changing import (
    BROKER,
    LIBRARY,
    asked,
    change_elsewhere,
    detail,
    form_on,
    fresh,
    opened,
    plant,
    sent,
    url,
)
from tests.connectors.stage import error_at, text_of, values_in


def test_the_form_shows_what_upstream_says_now(desk, sandbox, alice_with_key):
    inbox = plant(sandbox, alice_with_key)
    change_elsewhere(sandbox, inbox, label="Renamed elsewhere")
    page = desk.get(url(inbox, "edit"))
    assert values_in(page)["label"] == "Renamed elsewhere"
    assert asked(sandbox) == ["getConnector"]


def test_a_save_is_one_get_and_one_put_with_every_field(desk, sandbox, alice_with_key):
    inbox = plant(sandbox, alice_with_key, share_with_org=True)
    form = opened(desk, url(inbox, "edit"), label="Better")
    sandbox.clear_requests()
    page = desk.post(url(inbox, "edit"), form, follow=True)
    assert page.redirect_chain == [(detail(inbox), 302)]
    assert "Your changes were saved." in text_of(page)
    assert asked(sandbox) == ["getConnector", "updateConnector"]
    assert sent(sandbox, "updateConnector") == [
        {
            "label": "Better",
            "description": "Notes",
            "share_with_org": True,
            "config": {"allowed_emails": ["research@northbank.example"]},
        }
    ]
    assert fresh(inbox).label == "Better"


@pytest.mark.parametrize("fields", [BROKER, LIBRARY])
def test_only_email_connectors_send_a_config(desk, sandbox, alice_with_key, fields):
    connector = plant(sandbox, alice_with_key, **fields)
    desk.post(url(connector, "edit"), opened(desk, url(connector, "edit"), label="New", description="Text"))
    assert sent(sandbox, "updateConnector") == [{"label": "New", "description": "Text", "share_with_org": False}]
    assert fresh(connector).config == connector.config


def test_a_save_is_recorded_and_no_change_from_outside(desk, sandbox, alice_with_key):
    inbox = plant(sandbox, alice_with_key)
    desk.post(url(inbox, "edit"), opened(desk, url(inbox, "edit"), label="Better"))
    operation = Operation.objects.get()
    assert (operation.kind, operation.outcome) == (OperationKind.UPDATE, Outcome.SUCCEEDED)
    assert (operation.actor, operation.connector) == (alice_with_key, inbox)
    assert operation.request["label"] == "Better"
    assert not OutsideChange.objects.exists()


def test_nothing_changed_is_nothing_sent(desk, sandbox, alice_with_key):
    inbox = plant(sandbox, alice_with_key, description="Two\nlines", share_with_org=True)
    form = opened(desk, url(inbox, "edit"))
    form["description"] = form["description"].replace("\n", "\r\n")  # as browsers send it
    sandbox.clear_requests()
    page = desk.post(url(inbox, "edit"), form, follow=True)
    assert "Nothing to save" in text_of(page)
    assert "updateConnector" not in asked(sandbox)
    assert not Operation.objects.exists()


@pytest.mark.parametrize("fields", [BROKER, LIBRARY])
def test_nothing_changed_is_nothing_sent_for_the_other_types_too(desk, sandbox, alice_with_key, fields):
    connector = plant(sandbox, alice_with_key, **fields)
    page = desk.post(url(connector, "edit"), opened(desk, url(connector, "edit")), follow=True)
    assert "Nothing to save" in text_of(page)
    assert sent(sandbox, "updateConnector") == []


@pytest.mark.parametrize("again", ["double click", "after it was archived"])
def test_the_same_form_is_one_save(desk, sandbox, alice_with_key, again):
    inbox = plant(sandbox, alice_with_key)
    form = opened(desk, url(inbox, "edit"), label="Better")
    desk.post(url(inbox, "edit"), form)
    if again == "after it was archived":
        desk.post(url(inbox, "archive"), opened(desk, url(inbox, "archive")))
    assert desk.post(url(inbox, "edit"), form).url == detail(inbox)
    assert len(sent(sandbox, "updateConnector")) == 1


def test_a_label_that_is_too_long_for_a_new_one_may_stay(desk, sandbox, alice_with_key):
    inbox = plant(sandbox, alice_with_key, label="L" * 300, description="D" * 6000)
    desk.post(url(inbox, "edit"), opened(desk, url(inbox, "edit"), description="Short"))
    [body] = sent(sandbox, "updateConnector")
    assert (body["label"], body["description"]) == ("L" * 300, "Short")


def test_what_stays_is_sent_back_exactly_as_it_was(desk, sandbox, alice_with_key):
    odd = {
        "label": " Spaced  out ",
        "description": "One\r\nTwo\n",
        "config": {"allowed_emails": ["B@x.example"] * 2},
    }
    inbox = plant(sandbox, alice_with_key, **odd)
    desk.post(url(inbox, "edit"), opened(desk, url(inbox, "edit"), label="New"))
    [body] = sent(sandbox, "updateConnector")
    assert body["description"] == "One\r\nTwo\n"
    assert body["config"] == {"allowed_emails": ["B@x.example"] * 2}


def test_a_new_label_that_is_too_long_is_refused_here(desk, sandbox, alice_with_key):
    inbox = plant(sandbox, alice_with_key)
    page = desk.post(url(inbox, "edit"), opened(desk, url(inbox, "edit"), label="L" * 256))
    assert "at most 255" in error_at(page, "label")
    assert values_in(page)["label"] == "L" * 256
    assert sent(sandbox, "updateConnector") == []


def test_an_inbox_needs_a_sender_even_if_it_had_none(desk, sandbox, alice_with_key):
    inbox = plant(sandbox, alice_with_key, config={"allowed_emails": []})
    page = desk.post(url(inbox, "edit"), opened(desk, url(inbox, "edit"), label="New"))
    assert "at least one sender" in error_at(page, "allowed_emails")


def test_after_a_mistake_the_form_keeps_its_version_and_id(desk, sandbox, alice_with_key):
    inbox = plant(sandbox, alice_with_key)
    form = opened(desk, url(inbox, "edit"), label="")
    again = form_on(desk.post(url(inbox, "edit"), form))
    assert {name: again[name] for name in ("version", "operation_id")} == {
        "version": form["version"],
        "operation_id": form["operation_id"],
    }


def test_a_label_is_text_on_every_page_of_an_edit(desk, sandbox, alice_with_key):
    evil = "<script>alert(1)</script>"
    inbox = plant(sandbox, alice_with_key, label=evil)
    page = desk.get(url(inbox, "edit"))
    assert evil not in page.content.decode()
    confirm = desk.post(url(inbox, "edit"), form_on(page, share_with_org="on"))
    assert "Is this what you mean?" in text_of(confirm)
    assert evil not in confirm.content.decode()


def test_a_type_that_is_not_known_is_not_edited(desk, sandbox, alice_with_key):
    gopher = plant(sandbox, alice_with_key, type="gopher", config={})
    for answer, status in [(desk.get(url(gopher, "edit")), 200), (desk.post(url(gopher, "edit")), 400)]:
        assert answer.status_code == status
        assert "does not know this type" in text_of(answer)
    assert sandbox.requests == []
