"""Where else incidents show: the navigation, the browser's tab, the overview, a connector's page, following."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from connectors_app.models import Connector, ErrorGroup, Incident
from connectors_app.permissions import may_see
from connectors_app.services.alerts import upkeep
from connectors_app.services.upstream import reject
from tests.connectors.stage import text_of
from tests.errors import conftest as of_errors

failing = of_errors.failing


def title_of(page):
    return " ".join(re.search(r"<title>(.*?)</title>", page.content.decode(), re.DOTALL)[1].split())


def page_of(client, connector):
    return client.get(f"/connectors/{connector.connector_id}/")


def told_by_mail():
    """Which connectors each member gets a mail about, of what has happened so far."""
    made = upkeep.make_messages(now=timezone.now() + timedelta(minutes=30), may_see=may_see)
    return {
        delivery.channel.member.email: {each["connector_id"] for each in delivery.body["incidents"]}
        for delivery in made
    }


def test_open_incidents_are_counted_as_far_as_the_member_may_see_them(
    signed_in, alice, bob, sam, adam, mallory, make_key, failing
):
    failing(bob)
    failing(bob, share_with_org=True)
    failing(alice)
    reject(alice.api_key, now=timezone.now())
    reject(make_key(sam), now=timezone.now())
    failing(mallory)
    for member, count in ((sam, 5), (adam, 5), (alice, 3), (mallory, 1)):
        listed = signed_in(member).get("/alerts/").content.decode().count("<tr data-incident=")
        assert f"Alerts {count} open" in text_of(signed_in(member).get("/keys/"))
        assert listed == count


def test_what_nobody_is_known_to_own_is_not_counted_for_whoever_is_not_known(signed_in, alice, bob, failing):
    failing(alice)
    Connector.objects.update(bigdata_user_id="")
    assert "1 open" not in text_of(signed_in(bob).get("/"))


@pytest.mark.parametrize("model", [Incident, ErrorGroup])
def test_what_is_snoozed_is_not_counted_until_it_wakes(signed_in, alice, failing, model):
    failing(alice)
    client = signed_in(alice)
    model.objects.update(snoozed_until=timezone.now() + timedelta(days=1))
    assert "1 open" not in text_of(client.get("/"))
    model.objects.update(snoozed_until=timezone.now() - timedelta(days=1))
    assert "Alerts 1 open" in text_of(client.get("/"))


def test_what_is_over_is_not_counted(signed_in, alice, failing):
    failing(alice)
    Incident.objects.update(closed_at=timezone.now())
    assert "1 open" not in text_of(signed_in(alice).get("/"))


def test_more_than_99_are_not_counted_out(signed_in, alice, mallory, sam, failing):
    one = failing(alice)
    copies = [Connector.objects.get(pk=one.pk) for _ in range(100)]
    for number, each in enumerate(copies):
        each.pk, each.connector_id = None, f"00000000-0000-4000-8000-{number:012}"
    Connector.objects.bulk_create(copies)
    upkeep.look_after(now=timezone.now())
    page = signed_in(sam).get("/")
    assert "Alerts 99+ open" in text_of(page)
    assert title_of(page) == "(99+) Overview · Connectors"


def test_the_tab_says_how_many_connectors_fail(signed_in, alice, failing):
    client = signed_in(alice)
    assert title_of(client.get("/")) == "Overview · Connectors"
    for _ in range(3):
        failing(alice)
    Incident.objects.update(closed_at=timezone.now())
    assert title_of(client.get("/")) == "(3) Overview · Connectors"
    assert title_of(client.get("/alerts/")) == "(3) Alerts · Connectors"


def test_the_overview_leads_to_the_open_incidents(signed_in, alice, failing):
    client = signed_in(alice)
    assert "open incident" not in text_of(client.get("/"))
    failing(alice)
    page = client.get("/")
    assert "1 open incident " in text_of(page)
    assert 'href="/alerts/?state=open"' in page.content.decode()
    failing(alice)
    assert "2 open incidents" in text_of(client.get("/"))


def test_the_page_of_a_connector_tells_of_its_incident(signed_in, sam, alice, failing):
    connector, other = failing(alice, hours=3), failing(alice, hours=3)
    client = signed_in(sam)
    text = text_of(page_of(client, connector))
    assert "has been open for 3 h" in text
    assert "not acknowledged" in text
    pk = Incident.objects.get(connector=connector).pk
    assert f'href="/alerts/?state=open#incident-{pk}"' in page_of(client, connector).content.decode()
    assert f'id="incident-{pk}"' in client.get("/alerts/?state=open").content.decode()
    path = f"/alerts/incidents/{pk}"
    here = f"/connectors/{connector.connector_id}/"
    assert client.post(f"{path}/acknowledge/", {"next": here}).url == here
    client.post(f"{path}/snooze/", {"days": "1", "reason": "Known to the broker"})
    text = text_of(page_of(client, connector))
    assert "Acknowledged just now by sam@example.com" in text
    assert "by sam@example.com: Known to the broker" in text
    assert "not acknowledged" not in text
    assert "not acknowledged" in text_of(page_of(client, other))


def test_who_may_not_acknowledge_hears_nothing_of_it(signed_in, alice, failing):
    connector = failing(alice, hours=3)
    text = text_of(page_of(signed_in(alice), connector))
    assert "has been open for 3 h" in text
    assert "cknowledge" not in text


def test_on_the_page_of_a_connector_who_may_can_handle_its_incident(signed_in, sam, alice, failing):
    connector = failing(alice)
    html = page_of(signed_in(sam), connector).content.decode()
    assert 'aria-label="Acknowledge the incident of Broker feed"' in html
    assert f'name="next" value="/connectors/{connector.connector_id}/"' in html
    assert "/alerts/incidents/" not in page_of(signed_in(alice), connector).content.decode()


def test_without_an_open_incident_the_page_says_nothing(signed_in, alice, failing):
    connector = failing(alice)
    Incident.objects.update(closed_at=timezone.now())
    assert "incident" not in text_of(page_of(signed_in(alice), connector)).partition("Details")[2]


def test_a_connectors_page_takes_a_fixed_number_of_queries(
    signed_in, sam, alice, failing, django_assert_max_num_queries
):
    connector = failing(alice)
    client = signed_in(sam)
    page_of(client, connector)
    with django_assert_max_num_queries(8):
        page_of(client, connector)


def test_a_follower_is_told_until_they_unfollow(signed_in, alice, sam, failing):
    followed, dropped = failing(alice, "Odd"), failing(alice, "Odd")
    client = signed_in(sam)
    for connector in (followed, dropped):
        page = client.post(f"/connectors/{connector.connector_id}/follow/", follow=True)
        assert "Unfollow" in text_of(page)
        assert 'href="/alerts/notifications/">My notifications</a> say.' in page.content.decode()
    page = client.post(f"/connectors/{dropped.connector_id}/follow/", {"unfollow": "1"}, follow=True)
    assert "Unfollow" not in text_of(page)
    assert "Follow" in text_of(page)
    for connector in (followed, dropped):
        failing(alice, hours=0, connector_id=connector.connector_id)
    both = {str(followed.connector_id), str(dropped.connector_id)}
    assert told_by_mail() == {"alice@example.com": both, "sam@example.com": {str(followed.connector_id)}}


def test_following_twice_is_following_once(signed_in, alice, sam, failing):
    path = f"/connectors/{failing(alice).connector_id}/follow/"
    client = signed_in(sam)
    for _ in range(2):
        client.post(path)
    page = client.post(path, {"unfollow": "1"}, follow=True)
    assert "Unfollow" not in text_of(page)


def test_owners_need_not_follow(signed_in, alice, failing):
    connector = failing(alice)
    assert "Follow" not in text_of(page_of(signed_in(alice), connector))


def test_what_is_deleted_for_good_is_not_followed(signed_in, alice, sam, failing):
    connector = failing(alice)
    Connector.objects.update(state="gone", deletion_asked_at=timezone.now(), gone_at=timezone.now())
    assert "Follow" not in text_of(page_of(signed_in(sam), connector))
