"""The list of incidents: who sees which, in what order, and what can be done about them."""

import re
from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from connectors_app.models import AuditEntry, ErrorGroup, Incident
from connectors_app.services import errors
from connectors_app.services.upstream import reject
from tests.connectors.stage import error_at, text_of
from tests.errors import conftest as of_errors

failing = of_errors.failing
SNOOZE = {"days": "3", "reason": "The broker is at it"}


def listed(page):
    """The incidents on the page, in their order."""
    return re.findall(r'<tr data-incident="([^"]+)"', page.content.decode())


def actions_on(page):
    """What the page offers for its one incident."""
    [cell] = re.findall(r'(?s)<td class="row-actions">(.*?)</td>', page.text)
    return re.findall(r"(?s)<(?:button|a)\b[^>]*>([^<]+)<", cell)


def incident_of(connector):
    return Incident.objects.get(connector=connector)


def recover(failing, member, connector):
    good = {"last_sync_status": "SUCCESS", "last_sync_error_msg": None, "label": connector.label}
    failing(member, hours=0, connector_id=connector.connector_id, **good)


def post(client, incident, action, fields=None, **options):
    return client.post(f"/alerts/incidents/{incident.pk}/{action}/", fields or {}, follow=True, **options)


def test_an_open_incident_says_what_is_wrong_of_what_and_since_when(signed_in, sam, alice, failing):
    connector = failing(alice, label="Harbour daily", hours=3)
    page = signed_in(sam).get("/alerts/")
    text = text_of(page)
    assert f"Harbour daily {connector.last_sync_error_msg} Failing Login rejected 3 h ago just now" in text
    assert f'href="/connectors/{connector.connector_id}/"' in page.content.decode()


def test_an_analyst_sees_incidents_of_what_they_may_see_and_of_their_own_key(
    signed_in, sam, alice, bob, make_key, make_member, failing
):
    own, shared, private = failing(alice), failing(bob, share_with_org=True), failing(bob)
    for member in (alice, make_member("carl", "analyst")):
        key = getattr(member, "api_key", None) or make_key(member)
        reject(key, now=timezone.now())
    mine = {str(incident_of(each).pk) for each in (own, shared)} | {str(Incident.objects.get(member=alice).pk)}
    page = signed_in(alice).get("/alerts/")
    assert set(listed(page)) == mine
    assert 'href="/keys/">API key of alice@example.com' in page.content.decode()
    everything = signed_in(sam).get("/alerts/")
    assert str(incident_of(private).pk) in listed(everything)
    assert len(listed(everything)) == 5
    assert 'href="/keys/organization/?health=rejected">API key of carl@' in everything.content.decode()


def test_another_organizations_incidents_are_not_there(signed_in, sam, mallory, failing):
    failing(mallory)
    assert listed(signed_in(sam).get("/alerts/")) == []


def test_what_is_open_comes_first_then_what_is_over_the_newest_first(signed_in, sam, alice, failing):
    over, old, new = failing(alice, hours=1), failing(alice, hours=5), failing(alice, hours=2)
    recover(failing, alice, over)
    Incident.objects.filter(connector=over).update(opened_at=F("closed_at") - timedelta(hours=1))
    page = signed_in(sam).get("/alerts/")
    assert listed(page) == [str(incident_of(each).pk) for each in (new, old, over)]
    assert "Recovered just now after 1 hour" in text_of(page)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("kind=stale", ["stale"]),
        ("kind=failing", ["known", "open", "over"]),
        ("state=over", ["over"]),
        ("state=open", ["known", "open", "stale"]),
        ("acknowledged=1", ["known"]),
        ("acknowledged=0&state=open", ["open", "stale"]),
        ("kind=whatever&state=x&acknowledged=2", ["known", "open", "over", "stale"]),
    ],
)
def test_filters_stand_in_the_address(signed_in, sam, alice, failing, query, names):
    made = {name: failing(alice, label=name) for name in ("known", "open", "over", "stale")}
    recover(failing, alice, made["over"])
    Incident.objects.filter(connector=made["stale"]).update(kind="stale")
    client = signed_in(sam)
    post(client, incident_of(made["known"]), "acknowledge")
    page = client.get(f"/alerts/?{query}")
    found = Incident.objects.filter(pk__in=listed(page))
    assert sorted(each.connector.label for each in found) == names
    assert ("Clear" in text_of(page)) == ("whatever" not in query)


def test_mine_are_those_of_one_s_own_connectors_and_key(signed_in, adam, bob, failing):
    own = [failing(adam), failing(adam)]
    failing(bob)
    reject(bob.api_key, now=timezone.now())
    reject(adam.api_key, now=timezone.now())
    client = signed_in(adam)
    assert len(listed(client.get("/alerts/"))) == 5
    mine = {str(incident_of(each).pk) for each in own} | {str(Incident.objects.get(member=adam).pk)}
    assert set(listed(client.get("/alerts/?mine=1"))) == mine


def test_filters_that_nothing_matches_offer_to_be_cleared(signed_in, sam, alice, failing):
    failing(alice)
    assert "No incidents match" in text_of(signed_in(sam).get("/alerts/?kind=gone"))


def test_the_empty_page_teaches(signed_in, alice):
    text = text_of(signed_in(alice).get("/alerts/"))
    assert "It closes by itself once all is well again." in text
    assert "Choose what you are told" in text


def test_acknowledging_takes_one_click_and_says_who(signed_in, sam, adam, alice, failing):
    incident = incident_of(failing(alice))
    page = post(signed_in(sam), incident, "acknowledge")
    assert "Acknowledged just now by sam@example.com" in text_of(page)
    assert "Acknowledge the incident" not in page.content.decode()
    again = post(signed_in(adam), incident, "acknowledge")
    assert "somebody was faster" in text_of(again)
    assert "by sam@example.com" in text_of(again)
    [entry] = AuditEntry.objects.filter(action="alerts.incident_acknowledged")
    assert entry.actor == sam


def test_one_goes_back_to_where_one_was_and_never_elsewhere(signed_in, sam, alice, failing):
    incident = incident_of(failing(alice))
    client = signed_in(sam)
    here = "/alerts/?kind=failing&page=1"
    page = client.get(here).content.decode()
    assert 'value="/alerts/?kind=failing&amp;page=1"' in page
    assert "?next=%2Falerts%2F%3Fkind%3Dfailing%26page%3D1" in page
    for action in ("acknowledge", "snooze", "wake"):
        address = f"/alerts/incidents/{incident.pk}/{action}/"
        assert client.post(address, SNOOZE | {"next": "https://evil.example/"}).url == "/alerts/"
        Incident.objects.update(snoozed_until=None)
        assert client.post(address, SNOOZE | {"next": here}).url == here


def test_a_snooze_shows_until_when_and_why_until_it_is_ended(signed_in, sam, alice, failing):
    incident = incident_of(failing(alice))
    client = signed_in(sam)
    page = post(client, incident, "snooze", SNOOZE)
    assert re.search(r"Snoozed until \d+ \w+ by sam@example\.com: The broker is at it", text_of(page))
    assert actions_on(page) == ["End snooze"]
    page = post(client, incident, "wake")
    assert "Snoozed until" not in text_of(page)
    assert actions_on(page) == ["Acknowledge", "Snooze"]
    assert {"alerts.incident_snoozed", "alerts.incident_woken"} <= set(
        AuditEntry.objects.values_list("action", flat=True)
    )


def test_a_snooze_that_has_ended_is_not_shown(signed_in, sam, alice, failing):
    incident = incident_of(failing(alice))
    client = signed_in(sam)
    post(client, incident, "snooze", SNOOZE)
    Incident.objects.update(snoozed_until=timezone.now() - timedelta(minutes=1))
    assert "Snoozed until" not in text_of(client.get("/alerts/"))
    assert "Snoozed until" in text_of(post(client, incident, "snooze", SNOOZE))


def test_a_snooze_wants_a_reason_and_keeps_what_was_chosen(signed_in, sam, alice, failing):
    incident = incident_of(failing(alice, label="Harbour daily"))
    client = signed_in(sam)
    asked = client.get(f"/alerts/incidents/{incident.pk}/snooze/?next=/connectors/")
    assert "Harbour daily" in text_of(asked)
    page = post(client, incident, "snooze", {"days": "7", "reason": " ", "next": "/connectors/"})
    assert "Say why" in error_at(page, "reason")
    assert '<option value="7" selected>' in page.content.decode()
    assert 'name="next" value="/connectors/"' in page.content.decode()
    assert Incident.objects.get().snoozed_until is None


def test_sent_twice_it_is_one_snooze_and_what_is_over_needs_none(signed_in, sam, alice, failing):
    connector = failing(alice)
    client = signed_in(sam)
    post(client, incident_of(connector), "snooze", SNOOZE)
    assert "It is snoozed already" in text_of(post(client, incident_of(connector), "snooze", SNOOZE))
    Incident.objects.update(snoozed_until=None)
    recover(failing, alice, connector)
    assert "It is over by now" in text_of(post(client, incident_of(connector), "snooze", SNOOZE))
    assert AuditEntry.objects.filter(action="alerts.incident_snoozed").count() == 1


def test_with_its_error_snoozed_an_incident_says_so(signed_in, sam, alice, failing):
    failing(alice)
    until = timezone.now() + timedelta(days=1)
    errors.snooze(ErrorGroup.objects.get(), by=sam, until=until, reason="New login is ordered")
    page = signed_in(sam).get("/alerts/")
    assert "by sam@example.com: New login is ordered" in text_of(page)
    assert "Error snoozed until" in text_of(page)
    assert actions_on(page) == ["See the error"]
    assert f'href="/errors/{ErrorGroup.objects.get().pk}/"' in page.text


def test_who_may_not_handle_incidents_is_offered_nothing(signed_in, alice, failing):
    failing(alice)
    html = signed_in(alice).get("/alerts/").content.decode()
    assert "/alerts/incidents/" not in html


def test_what_is_over_offers_nothing(signed_in, sam, alice, failing):
    recover(failing, alice, failing(alice))
    assert "/alerts/incidents/" not in signed_in(sam).get("/alerts/").content.decode()


def test_script_in_a_label_or_a_reason_is_inert(signed_in, sam, alice, failing):
    incident = incident_of(failing(alice, label="<script>alert(1)</script>"))
    client = signed_in(sam)
    asked = client.get(f"/alerts/incidents/{incident.pk}/snooze/")
    page = post(client, incident, "snooze", {"days": "1", "reason": "<script>alert(2)</script>"})
    assert b"<script>alert" not in asked.content + page.content


def test_there_are_25_on_a_page(signed_in, sam, alice, failing):
    for _ in range(26):
        failing(alice)
    client = signed_in(sam)
    first, second = listed(client.get("/alerts/")), listed(client.get("/alerts/?page=2"))
    assert (len(first), len(second)) == (25, 1)
    assert not set(first) & set(second)


def test_the_list_takes_a_fixed_number_of_queries(signed_in, sam, alice, failing, django_assert_max_num_queries):
    for number in range(12):
        failing(alice, f"Login refused {'x' * number}")
    client = signed_in(sam)
    post(client, Incident.objects.first(), "acknowledge")
    post(client, Incident.objects.last(), "snooze", SNOOZE)
    client.get("/alerts/")
    with django_assert_max_num_queries(4):  # Two of them are the session and the member.
        client.get("/alerts/")
