"""Errors by cause: who has them, since when, and what to do."""

import re
from datetime import timedelta

from django.utils import timezone

from connectors_app.models import ErrorGroup
from tests.connectors.stage import text_of
from tests.errors.conftest import LOGIN


def groups_on(page):
    return re.findall(r'data-error-group="([^"]+)"', page.content.decode())


def test_what_fails_alike_is_one_row_with_the_number_of_connectors(signed_in, sam, alice, bob, failing):
    for member, hours in ((alice, 1), (alice, 3), (bob, 2)):
        failing(member, hours=hours, label="Harbour")
    failing(bob, "Timed out after 30 s")
    page = signed_in(sam).get("/errors/")
    assert len(groups_on(page)) == 2
    text = text_of(page)
    assert "4 connectors fail, with 2 different errors." in text
    message = "Login to … was refused: wrong password (reference …)"
    assert f"Login rejected {message} Harbour and 2 others 3 3 h ago 1 h ago" in text
    assert text.index("Login rejected") < text.index("Source not reachable")


def test_an_analyst_sees_the_errors_of_what_they_may_see(signed_in, alice, bob, failing):
    failing(alice, "Timed out after 30 s")
    failing(bob)
    shared = failing(bob, "Report 7 could not be read", share_with_org=True)
    page = signed_in(alice).get("/errors/")
    assert len(groups_on(page)) == 2
    assert "Login rejected" not in text_of(page)
    assert signed_in(alice).get(f"/errors/{shared.error_group_id}/").status_code == 200
    hidden = ErrorGroup.objects.get(cause="credentials")
    assert signed_in(alice).get(f"/errors/{hidden.pk}/").status_code == 404


def test_another_organizations_errors_are_not_there(signed_in, sam, mallory, failing):
    group = failing(mallory).error_group_id
    client = signed_in(sam)
    assert groups_on(client.get("/errors/")) == []
    for method in (client.get, client.post):
        assert method(f"/errors/{group}/").status_code in (404, 405)
        assert method(f"/errors/{group}/snooze/").status_code in (404, 405)
    assert client.post(f"/errors/{group}/snooze/", {"days": "1", "reason": "x"}).status_code == 404


def test_filters_narrow_to_a_type_or_an_owner(signed_in, sam, alice, bob, failing):
    failing(alice)
    failing(bob, "Access denied", type="sharepoint")
    client = signed_in(sam)
    assert len(groups_on(client.get("/errors/?type=sharepoint"))) == 1
    assert len(groups_on(client.get("/errors/?owner=user_alice"))) == 1
    assert "Clear the filters" in text_of(client.get("/errors/?type=email"))


def test_nothing_fails_is_said(signed_in, sam):
    assert "Nothing is failing" in text_of(signed_in(sam).get("/errors/"))


def test_a_group_shows_the_message_its_meaning_and_every_connector_with_the_one_action(
    signed_in, adam, alice, failing
):
    connector = failing(alice, label="Harbour <daily>")
    page = signed_in(adam).get(f"/errors/{connector.error_group_id}/")
    text = text_of(page)
    assert "The broker does not accept the login" in text
    assert connector.last_sync_error_msg in text
    assert "Harbour <daily>" in text
    assert f"/connectors/{connector.connector_id}/replace/" in page.content.decode()


def test_of_several_connectors_one_message_is_an_example(signed_in, sam, alice, failing):
    group = failing(alice).error_group_id
    client = signed_in(sam)
    assert "For example" not in text_of(client.get(f"/errors/{group}/"))
    latest = failing(alice, hours=0)
    assert f"For example {latest.last_sync_error_msg}" in text_of(client.get(f"/errors/{group}/"))


def test_the_message_is_of_a_connector_that_one_may_see(signed_in, sam, alice, bob, failing):
    bobs, alices = failing(bob, hours=1), failing(alice, hours=2)
    assert bobs.error_group_id == alices.error_group_id
    client, url = signed_in(alice), f"/errors/{alices.error_group_id}/"
    assert alices.last_sync_error_msg in text_of(client.get(url))
    assert bobs.last_sync_error_msg not in client.get(url).content.decode()
    assert f"For example {bobs.last_sync_error_msg}" in text_of(signed_in(sam).get(url))


def test_the_message_is_of_a_connector_that_fails_now_where_one_does(signed_in, sam, alice, failing):
    recovered, failing_now = failing(alice, hours=3), failing(alice, hours=5)
    good = {"last_sync_status": "SUCCESS", "last_sync_error_msg": None}
    failing(alice, hours=2, connector_id=recovered.connector_id, **good)
    page = text_of(signed_in(sam).get(f"/errors/{failing_now.error_group_id}/"))
    assert failing_now.last_sync_error_msg in page
    assert recovered.last_sync_error_msg not in page


def test_where_nothing_fails_with_it_any_more_the_last_message_that_one_may_see_stays(
    signed_in, alice, bob, failing
):
    good = {"last_sync_status": "SUCCESS", "last_sync_error_msg": None}
    alices, bobs = failing(alice, hours=5), failing(bob, hours=4)
    for member, connector in ((alice, alices), (bob, bobs)):
        failing(member, hours=2, connector_id=connector.connector_id, **good)
    page = text_of(signed_in(alice).get(f"/errors/{alices.error_group_id}/"))
    assert alices.last_sync_error_msg in page
    assert bobs.last_sync_error_msg not in page
    assert "Since" not in page


def test_the_numbers_of_the_strip_are_on_the_page(signed_in, sam, alice, failing):
    for _ in range(3):
        group = failing(alice, hours=0).error_group_id
    assert "3 in all, 3 at most on one day" in text_of(signed_in(sam).get(f"/errors/{group}/"))


def test_what_syncs_well_again_is_no_longer_in_its_group(signed_in, sam, alice, failing):
    connector = failing(alice, hours=2)
    group = connector.error_group_id
    good = {"last_sync_status": "SUCCESS", "last_sync_error_msg": None, "connector_id": connector.connector_id}
    failing(alice, hours=1, **good)
    assert groups_on(signed_in(sam).get("/errors/")) == []
    assert "Nothing is failing with it now" in text_of(signed_in(sam).get(f"/errors/{group}/"))


def test_snoozing_takes_it_out_of_the_list_until_it_ends(signed_in, sam, alice, failing):
    group = failing(alice).error_group_id
    client = signed_in(sam)
    client.post(f"/errors/{group}/snooze/", {"days": "3", "reason": "The broker is at it"})
    assert groups_on(client.get("/errors/")) == []
    snoozed = client.get("/errors/?snoozed=1")
    assert groups_on(snoozed) == [str(group)]
    assert "The broker is at it" in text_of(snoozed)
    ErrorGroup.objects.update(snoozed_until=timezone.now() - timedelta(minutes=1))
    assert groups_on(client.get("/errors/")) == [str(group)]


def test_what_is_snoozed_is_not_called_well(signed_in, sam, alice, failing):
    group = failing(alice).error_group_id
    client = signed_in(sam)
    client.post(f"/errors/{group}/snooze/", {"days": "3", "reason": "The broker is at it"})
    for query, title in (("", "Nothing else is failing"), ("?type=", "Nothing else is failing")):
        page = client.get(f"/errors/{query}")
        assert f"{title} 1 error is snoozed" in text_of(page)
    kind = failing(alice, last_sync_status="SUCCESS", last_sync_error_msg=None).type
    page = client.get(f"/errors/?type={kind}")
    assert "Nothing else that fits these filters is failing 1 error is snoozed" in text_of(page)
    assert f'href="?type={kind}&amp;snoozed=1"' in page.content.decode()


def test_snoozing_can_be_ended(signed_in, sam, alice, failing):
    group = failing(alice).error_group_id
    client = signed_in(sam)
    client.post(f"/errors/{group}/snooze/", {"days": "3", "reason": "x"})
    client.post(f"/errors/{group}/snooze/", {"wake": "1"})
    assert groups_on(client.get("/errors/")) == [str(group)]


def test_a_snooze_wants_a_reason_and_keeps_what_was_typed(signed_in, sam, alice, failing):
    group = failing(alice).error_group_id
    page = signed_in(sam).post(f"/errors/{group}/snooze/", {"days": "7", "reason": " "})
    assert "Say why, so that your colleagues understand it." in text_of(page)
    assert '<option value="7" selected>' in page.content.decode()
    assert ErrorGroup.objects.get().snoozed_until is None


def test_analysts_do_not_snooze(signed_in, alice, failing):
    group = failing(alice).error_group_id
    page = signed_in(alice).get(f"/errors/{group}/")
    assert "Snooze" not in text_of(page)
    assert signed_in(alice).post(f"/errors/{group}/snooze/", {"days": "1", "reason": "x"}).status_code == 403


def test_script_in_an_error_is_inert(signed_in, sam, alice, failing):
    connector = failing(alice, '<script>alert(1)</script> & "quotes"')
    client = signed_in(sam)
    for url in ("/errors/", f"/errors/{connector.error_group_id}/"):
        assert b"<script>alert" not in client.get(url).content


def test_the_pages_take_a_fixed_number_of_queries(signed_in, sam, alice, failing, django_assert_max_num_queries):
    for number in range(12):
        failing(alice, f"Broken {'x' * number}")
    group = failing(alice, LOGIN).error_group_id
    client = signed_in(sam)
    for url in ("/errors/", f"/errors/{group}/"):
        client.get(url)
        with django_assert_max_num_queries(6):  # Two of them are the session and the member.
            client.get(url)


def test_the_page_of_a_connector_that_fails_says_what_it_means_and_what_to_do(signed_in, alice, failing):
    connector = failing(alice)
    page = signed_in(alice).get(f"/connectors/{connector.connector_id}/")
    assert "Login rejected. The broker does not accept the login" in text_of(page)
    assert f"/errors/{connector.error_group_id}/" in page.content.decode()
    assert "Replace credentials" in text_of(page)


def test_the_page_of_a_connector_that_does_well_says_nothing_of_it(signed_in, alice, failing):
    connector = failing(alice, last_sync_status="SUCCESS", last_sync_error_msg=None)
    page = signed_in(alice).get(f"/connectors/{connector.connector_id}/")
    assert "Who else has this error" not in text_of(page)


def test_who_may_not_do_what_helps_is_led_to_the_connector(signed_in, sam, alice, adam, failing):
    connector = failing(alice)
    page = f"/errors/{connector.error_group_id}/"
    replace = f"/connectors/{connector.connector_id}/replace/"
    offers = {
        member.email: replace in signed_in(member).get(page).content.decode() for member in (alice, adam, sam)
    }
    assert list(offers.values()) == [True, True, False]
    assert "See the connector" in signed_in(sam).get(page).content.decode()
