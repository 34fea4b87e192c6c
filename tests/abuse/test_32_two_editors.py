"""Two people edit one connector at a time: the owner and an admin, each in a browser of their own."""

import pytest

from connectors_app.choices import AuditAction
from connectors_app.models import AuditEntry, Operation
from tests.connectors.changing import BROKER, form_on, fresh, opened, plant, sent, url
from tests.connectors.stage import text_of, values_in


@pytest.fixture(params=["email", "investment_research"])
def connector(request, sandbox, alice_with_key):
    more = BROKER if request.param == "investment_research" else {}
    return plant(sandbox, alice_with_key, **more)


@pytest.fixture
def second(desk, admin, connector):
    """What Adam sees who opened the form before Alice saved hers, and sends his after."""
    forms = [opened(client, url(connector, "edit")) for client in (desk, admin)]
    assert desk.post(url(connector, "edit"), forms[0] | {"label": "Alice's"}).status_code == 302
    mine = {"label": "Adam's", "description": "What Adam\r\nwrote", "user_password": "canary-typed"}
    return admin.post(url(connector, "edit"), forms[1] | mine)


def test_32_the_second_sees_both_versions_and_saves_nothing(second, connector, sandbox):
    text = text_of(second)
    assert "Somebody changed this connector while you were editing" in text
    assert "Label differs Alice's Adam's" in text
    assert [body["label"] for body in sent(sandbox, "updateConnector")] == ["Alice's"]
    assert fresh(connector).label == "Alice's"
    assert Operation.objects.count() == 1


def test_32_the_second_loses_nothing_typed_but_what_is_secret(second):
    kept = values_in(second)
    assert kept["label"] == "Adam's"
    assert kept["description"].replace("\r", "") == "What Adam\nwrote"
    assert "canary-typed" not in second.text


def test_32_sent_once_more_it_is_on_purpose_and_both_are_recorded(second, admin, connector, sandbox):
    admin.post(url(connector, "edit"), form_on(second))
    assert fresh(connector).label == "Adam's"
    assert [body["label"] for body in sent(sandbox, "updateConnector")] == ["Alice's", "Adam's"]
    entries = AuditEntry.objects.filter(action=AuditAction.CONNECTOR_CHANGED).order_by("pk")
    told = [(entry.actor_name, entry.key_owner_name) for entry in entries]
    assert told == [("alice@example.com", ""), ("adam@example.com", "alice@example.com")]


def test_32_an_edit_of_what_was_archived_meanwhile_says_so(desk, admin, connector, sandbox):
    form = opened(admin, url(connector, "edit"), label="Adam's")
    desk.post(url(connector, "archive"), opened(desk, url(connector, "archive")))
    answer = admin.post(url(connector, "edit"), form)
    assert "Somebody changed this connector while you were editing" in text_of(answer)
    assert values_in(answer)["label"] == "Adam's"
    assert sent(sandbox, "updateConnector") == []
