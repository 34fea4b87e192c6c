"""The API keys page: adding, replacing and removing one's own key."""

import pytest

from connectors_app.choices import KeyStatus, State
from connectors_app.models import ApiKey, Connector, Member, Sighting
from tests.stored import everything_stored

KEY, SHORT_KEY = "canary-key-4b1a7e-last", "canary-x"


@pytest.fixture
def page(sandbox, signed_in, alice):
    sandbox.add_key(KEY, "user_alice")
    sandbox.add_key(SHORT_KEY, "user_alice")
    return signed_in(alice)


def send(page, value, **fields):
    return page.post("/keys/", {"api_key": value, **fields})


def stored_key():
    return ApiKey.objects.select_related("member").get()


def test_a_working_key_is_kept_and_said_to_be(page, alice):
    answer = page.post("/keys/", {"api_key": KEY}, follow=True)
    assert answer.redirect_chain == [("/keys/", 302)]
    assert "checked with Bigdata.com and added" in answer.text
    assert (stored_key().member, stored_key().status) == (alice, KeyStatus.WORKING)
    assert stored_key().verified_at is not None


def test_a_key_is_proved_by_one_list_and_nothing_else(page, sandbox):
    send(page, KEY)
    assert [(call["operation"], call["user_id"]) for call in sandbox.requests] == [
        ("listConnectors", "user_alice")
    ]


def test_the_page_shows_the_last_four_characters_only(page):
    send(page, KEY)
    answer = page.get("/keys/")
    assert "•••• last" in answer.text
    assert "ending in last" in answer.text
    assert KEY not in answer.text


def test_of_a_short_key_nothing_is_shown(page):
    send(page, SHORT_KEY)
    assert stored_key().last_four == "····"
    text = page.get("/keys/").text
    assert "whose end is not shown" in text
    assert "····" not in text


def test_no_value_is_anywhere_in_the_database_or_the_log(page, caplog):
    caplog.set_level("DEBUG")
    send(page, KEY)
    page.get("/keys/")
    assert "GET /contents/v1/connectors 200" in caplog.text
    assert KEY not in everything_stored() + caplog.text


@pytest.mark.parametrize("around", [" {} ", "\n{}", "{}\r\n", "\t{}\n\n", "\u00a0{}\u2003"])
def test_spaces_and_line_breaks_around_a_key_do_not_matter(page, around):
    assert send(page, around.format(KEY)).status_code == 302
    assert stored_key().holds(KEY)


def test_the_connectors_of_a_new_key_are_there_at_once(page, sandbox):
    sandbox.plant("user_alice", label="Desk notes")
    send(page, KEY)
    assert "Desk notes" in page.get("/connectors/").text


def test_another_key_takes_the_place_of_the_first(page, sandbox):
    send(page, KEY)
    first = stored_key()
    sandbox.add_key("canary-key-of-today", "user_alice")
    assert "and replaced" in page.post("/keys/", {"api_key": "canary-key-of-today"}, follow=True).text
    assert stored_key().pk == first.pk
    assert stored_key().ciphertext != first.ciphertext
    assert stored_key().last_four == "oday"


@pytest.mark.parametrize("blank", ["", "   ", "\r\n"])
def test_a_blank_field_keeps_the_stored_key(page, sandbox, blank):
    send(page, KEY)
    sandbox.clear_requests()
    before = everything_stored()
    answer = send(page, blank)
    assert answer.context["form"].errors["api_key"] == ["Enter the API key."]
    assert everything_stored() == before
    assert sandbox.requests == []


def test_what_another_user_s_key_told_is_forgotten(page, sandbox):
    sandbox.plant("user_alice", label="Alice's")
    send(page, KEY)
    sandbox.add_key("canary-key-of-bob", "user_bob")
    send(page, "canary-key-of-bob")
    connector = Connector.objects.get()
    assert (connector.sightings.count(), connector.state) == (0, State.KEY_REJECTED)
    assert Member.objects.get().bigdata_user_id == ""


def test_storing_the_same_key_again_forgets_nothing(page, sandbox):
    sandbox.plant("user_alice")
    send(page, KEY)
    sighting = Sighting.objects.get()
    send(page, KEY)
    assert Sighting.objects.get() == sighting
    assert Connector.objects.get().state == State.HEALTHY
    assert Member.objects.get().bigdata_user_id == "user_alice"


def test_a_rejected_key_works_again_once_replaced(page, sandbox):
    sandbox.plant("user_alice")
    send(page, KEY)
    ApiKey.objects.update(status=KeyStatus.REJECTED, rejected_at="2026-01-01T00:00Z", last_poll_error="refused")
    Connector.objects.update(state=State.KEY_REJECTED)
    send(page, KEY)
    assert (stored_key().status, stored_key().rejected_at, stored_key().last_poll_error) == ("working", None, "")
    assert Connector.objects.get().state == State.HEALTHY


def test_a_key_leads_back_to_the_page_that_missed_it(page):
    assert 'name="next" value="/connectors/new/email/"' in page.get("/keys/?next=/connectors/new/email/").text
    assert send(page, KEY, next="/connectors/new/email/").url == "/connectors/new/email/"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil"]
)
def test_a_key_never_leads_to_another_site(page, elsewhere):
    assert send(page, KEY, next=elsewhere).url == "/keys/"


def test_a_mistake_does_not_forget_where_to_go_next(page):
    answer = page.post("/keys/?next=/connectors/new/email/", {"api_key": ""})
    assert 'name="next" value="/connectors/new/email/"' in answer.text


def test_removing_asks_first(page):
    send(page, KEY)
    assert "will be forgotten" in page.get("/keys/remove/").text
    assert ApiKey.objects.exists()


def test_a_removed_key_is_gone_and_its_connectors_say_so(page, sandbox):
    sandbox.plant("user_alice")
    send(page, KEY)
    answer = page.post("/keys/remove/", follow=True)
    assert "Your API key was removed." in answer.text
    assert not ApiKey.objects.exists()
    assert Connector.objects.get().state == State.KEY_REJECTED


def test_what_another_key_sees_too_stays_as_it_is(page, sandbox, with_key, bob):
    sandbox.plant("user_alice", share_with_org=True)
    send(page, KEY)
    with_key(bob)
    page.post("/keys/remove/")
    assert Connector.objects.get().state == State.HEALTHY


def test_removing_what_is_not_there_does_no_harm(page):
    assert page.get("/keys/remove/").url == "/keys/"
    assert page.post("/keys/remove/").url == "/keys/"


def test_a_member_s_key_is_their_own(page, signed_in, bob):
    send(page, KEY)
    theirs = signed_in(bob)
    assert "•••• last" not in theirs.get("/keys/").text
    theirs.post("/keys/remove/")
    assert ApiKey.objects.count() == 1


def test_a_posted_member_or_organization_is_ignored(page, alice, mallory):
    send(page, KEY, member=mallory.pk, organization=mallory.organization_id, role="admin")
    assert (stored_key().member, stored_key().organization) == (alice, alice.organization)
    assert Member.objects.get(pk=alice.pk).role == alice.role
