"""Who can see it, or send to it, would change: the page says so in words before anything is sent."""

import pytest

from tests.connectors.changing import asked, form_on, fresh, opened, plant, sent, url
from tests.connectors.stage import text_of, values_in

PLANTED = "research@northbank.example"


@pytest.fixture
def inbox(sandbox, alice_with_key):
    return plant(sandbox, alice_with_key)


@pytest.fixture
def save(desk, inbox):
    """Open the form, change something in it, send it."""
    return lambda **changes: desk.post(url(inbox, "edit"), opened(desk, url(inbox, "edit"), **changes))


def test_sharing_is_shown_before_and_after(save, sandbox):
    text = text_of(save(share_with_org="on"))
    assert "Private to owner becomes Shared with organization" in text
    assert "Everyone in your Bigdata.com organization can then search its content" in text
    assert asked(sandbox) == ["getConnector"]


def test_the_end_of_sharing_too(desk, sandbox, alice_with_key):
    shared = plant(sandbox, alice_with_key, share_with_org=True)
    text = text_of(desk.post(url(shared, "edit"), opened(desk, url(shared, "edit"), share_with_org=None)))
    assert "Shared with organization becomes Private to owner" in text
    assert "Only its owner can then search" in text


def test_senders_are_told_by_name_and_number(save, sandbox):
    text = text_of(save(allowed_emails="new@a.example\nother@b.example"))
    assert "2 senders added new@a.example other@b.example" in text
    assert f"1 sender removed {PLANTED}" in text
    assert "1 sender before, 2 after" in text
    assert sent(sandbox, "updateConnector") == []


def test_as_many_senders_as_before_need_no_sum(save):
    text = text_of(save(allowed_emails="new@a.example"))
    assert "1 sender added new@a.example" in text
    assert "sender before" not in text


def test_what_else_changes_is_listed_before_and_after(save):
    text = text_of(save(label="New label", description="", share_with_org="on"))
    assert "Label Before Desk mail After New label" in text
    assert "Description Before Notes After —" in text
    assert "sender" not in text.partition("Is this what you mean?")[2]


def test_what_stays_is_not_listed(save):
    text = text_of(save(share_with_org="on")).partition("Is this what you mean?")[2]
    assert "Label" not in text
    assert "Description" not in text


def test_senders_that_are_only_written_otherwise_are_called_that(save):
    text = text_of(save(allowed_emails=PLANTED.upper(), share_with_org="on"))
    assert "Allowed senders Only their order or spelling changes." in text


def test_a_likely_slip_among_new_senders_is_pointed_out(save):
    assert "did you mean gmail.com" in text_of(save(allowed_emails=f"{PLANTED}\njane@gmial.com"))


def test_saying_yes_saves_all_that_was_typed(desk, save, inbox, sandbox):
    page = save(label="Also new", share_with_org="on", allowed_emails=f"{PLANTED}, B <b@b.example>")
    sandbox.clear_requests()
    desk.post(url(inbox, "edit"), form_on(page))
    assert asked(sandbox) == ["getConnector", "updateConnector"]
    saved = fresh(inbox)
    assert (saved.label, saved.share_with_org) == ("Also new", True)
    assert saved.allowed_emails == [PLANTED, "b@b.example"]


def test_an_unshared_one_stays_unshared_through_the_question(desk, save, inbox):
    desk.post(url(inbox, "edit"), form_on(save(allowed_emails="new@a.example")))
    assert fresh(inbox).share_with_org is False


def test_going_back_keeps_what_was_typed(desk, save, inbox, sandbox):
    page = save(label="Kept", share_with_org="on", allowed_emails="kept@a.example")
    back = desk.post(url(inbox, "edit"), form_on(page, back="1"))
    assert values_in(back)["label"] == "Kept"
    assert values_in(back)["allowed_emails"] == "kept@a.example"
    assert form_on(back)["share_with_org"] == "on"
    assert "confirmed" not in form_on(back)
    assert sent(sandbox, "updateConnector") == []


@pytest.mark.parametrize("senders", [PLANTED.upper(), f"{PLANTED}\n{PLANTED}"])
def test_the_same_senders_written_otherwise_need_no_question(save, senders):
    assert save(allowed_emails=senders).status_code == 302


def test_other_changes_need_no_question(save, inbox):
    assert save(label="New", description="New").status_code == 302
    assert fresh(inbox).label == "New"
