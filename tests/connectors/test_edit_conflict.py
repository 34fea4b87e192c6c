"""Two people edit one connector: the second sees both versions, and nothing typed is lost."""

import pytest

from connectors_app.models import Operation
from tests.connectors.changing import (
    asked,
    change_elsewhere,
    form_on,
    fresh,
    look,
    opened,
    plant,
    sent,
    url,
)
from tests.connectors.stage import text_of, values_in


@pytest.fixture
def inbox(sandbox, alice_with_key):
    return plant(sandbox, alice_with_key)


@pytest.fixture
def too_late(desk, inbox, sandbox):
    """The page that says that somebody else was faster."""
    form = opened(desk, url(inbox, "edit"), label="Mine", description="Mine too")
    change_elsewhere(sandbox, inbox, label="Theirs")
    return desk.post(url(inbox, "edit"), form)


def test_nothing_is_saved_and_both_versions_are_shown(too_late, inbox, sandbox):
    text = text_of(too_late)
    assert "Somebody changed this connector while you were editing" in text
    assert "Label differs Theirs Mine" in text
    assert "Description differs Notes Mine too" in text
    assert "Sharing Private to owner Private to owner" in text
    assert asked(sandbox) == ["getConnector"]
    assert not Operation.objects.exists()


def test_what_was_typed_is_kept(too_late):
    assert values_in(too_late)["label"] == "Mine"
    assert values_in(too_late)["description"] == "Mine too"
    assert "Save mine over it" in text_of(too_late)


def test_saving_again_overwrites_on_purpose(too_late, desk, inbox, sandbox):
    desk.post(url(inbox, "edit"), form_on(too_late))
    assert fresh(inbox).label == "Mine"
    assert len(sent(sandbox, "updateConnector")) == 1


def test_a_third_change_is_a_conflict_again(too_late, desk, inbox, sandbox):
    change_elsewhere(sandbox, inbox, label="Theirs again")
    assert "Theirs again" in text_of(desk.post(url(inbox, "edit"), form_on(too_late)))
    assert sent(sandbox, "updateConnector") == []


def test_what_the_dashboard_knows_already_needs_no_request(desk, inbox, sandbox, alice_with_key):
    form = opened(desk, url(inbox, "edit"), label="Mine")
    change_elsewhere(sandbox, inbox, label="Theirs")
    look(alice_with_key)
    sandbox.clear_requests()
    assert "Somebody changed this connector" in text_of(desk.post(url(inbox, "edit"), form))
    assert sandbox.requests == []


def test_a_conflict_comes_before_the_question_and_is_not_confirmed_by_it(desk, inbox, sandbox):
    question = desk.post(url(inbox, "edit"), opened(desk, url(inbox, "edit"), share_with_org="on"))
    change_elsewhere(sandbox, inbox, label="Theirs")
    conflict = desk.post(url(inbox, "edit"), form_on(question))
    assert "Somebody changed this connector" in text_of(conflict)
    assert "Is this what you mean?" in text_of(desk.post(url(inbox, "edit"), form_on(conflict)))
    assert sent(sandbox, "updateConnector") == []


def test_both_made_the_same_change_and_there_is_nothing_to_save(desk, inbox, sandbox, alice_with_key):
    form = opened(desk, url(inbox, "edit"), label="Same")
    change_elsewhere(sandbox, inbox, label="Same")
    look(alice_with_key)
    assert "Nothing to save" in text_of(desk.post(url(inbox, "edit"), form, follow=True))


@pytest.mark.parametrize("version", ["", "yesterday", "2026-02-31T00:00:00Z", "2026-01-01"])
def test_a_form_without_a_readable_version_overwrites_nothing(desk, inbox, sandbox, version):
    form = opened(desk, url(inbox, "edit"), label="Mine", version=version)
    assert "Somebody changed this connector" in text_of(desk.post(url(inbox, "edit"), form))
    assert sent(sandbox, "updateConnector") == []
