"""The organization at a glance."""

import json
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from connectors_app.models import Connector, Member, SyncDay
from connectors_app.services import errors
from connectors_app.services.overview import PERIODS, syncs_over_time
from connectors_app.services.upstream import reject
from tests.connectors.stage import make_run, text_of
from tests.errors.conftest import failing  # noqa: F401  (a fixture)
from tests.polling.conftest import make_key  # noqa: F401  (a fixture)


def plots(page):
    return json.loads(re.search(r'<script id="plots"[^>]*>(.*?)</script>', page.content.decode()).group(1))


def snoozed(connector, by):
    """Its error."""
    errors.snooze(connector.error_group, by=by, until=timezone.now() + timedelta(days=1), reason="Known")


@pytest.fixture
def history(alice, failing):  # noqa: F811
    """Alice's connector failed an hour ago; two days ago it had two good syncs, forty days ago one."""
    connector = failing(alice)
    now = timezone.now()
    for days, count in ((2, 5), (2.01, 7), (40, 100)):
        make_run(connector, at=now - timedelta(days=days), count=count)
    return connector


def test_each_state_that_there_is_leads_to_its_connectors(signed_in, sam, history):
    page = signed_in(sam).get("/")
    assert 'href="/connectors/?state=failing"' in page.content.decode()
    assert "state=healthy" not in page.content.decode()


def test_the_number_that_need_attention_is_that_of_the_list_it_leads_to(
    signed_in,
    sam,
    alice,
    failing,  # noqa: F811
):
    """Of what is gone, only what nobody deleted here."""
    gone, deleted, *_ = (failing(alice, label=f"Feed {number}") for number in range(4))
    now = timezone.now()
    Connector.objects.filter(pk__in=[gone.pk, deleted.pk]).update(state="gone", gone_at=now)
    Connector.objects.filter(pk=deleted.pk).update(deletion_asked_at=now)
    client = signed_in(sam)
    assert "3 connectors. 3 need attention" in text_of(client.get("/"))
    assert "3 connectors match" in text_of(client.get("/connectors/?state=attention"))
    Connector.objects.exclude(pk=deleted.pk).update(state="healthy")
    assert "need attention" not in text_of(client.get("/"))


@pytest.mark.parametrize(
    ("period", "slots", "numbers"),
    [
        ("24h", 24, "0 succeeded, 1 failed, 0 items"),
        ("7d", 7, "2 succeeded, 1 failed, 12 items"),
        ("30d", 30, "2 succ"),
    ],
)
def test_syncs_by_outcome_as_plots_and_as_text(signed_in, sam, history, period, slots, numbers):
    page = signed_in(sam).get(f"/?period={period}")
    assert f"In the last {PERIODS[period].words}: {numbers}" in text_of(page)
    drawn = plots(page)
    assert len(drawn["labels"]) == slots
    assert sum(drawn["syncs"][1]["values"]) == 1
    table = page.content.decode().partition("The same as a table")[2]
    assert table.count('<th scope="row">') == slots


def test_an_unknown_period_is_the_usual_one(signed_in, sam, history):
    assert "In the last 7 days" in text_of(signed_in(sam).get("/?period=99y"))


def test_only_what_the_member_may_see_is_counted(signed_in, bob, history):
    assert "syncs" not in text_of(signed_in(bob).get("/")).lower().replace("no syncs", "")


def test_daily_sums_count_like_the_syncs_they_were(history):
    now = timezone.now()
    day = (now - timedelta(days=20)).date()
    SyncDay.objects.create(
        connector=history, organization=history.organization, day=day, succeeded=3, failed=2, items=9
    )
    slots = syncs_over_time(Connector.objects.all(), period="30d", now=now)
    assert [(slot.succeeded, slot.failed, slot.items) for slot in slots if slot.at.date() == day] == [(3, 2, 9)]


def test_what_most_connectors_fail_with_is_on_the_page(signed_in, sam, alice, failing):  # noqa: F811
    for error in ("Login refused for desk", "Login refused for desk", "Host unreachable"):
        failing(alice, error=error)
    page = text_of(signed_in(sam).get("/"))
    assert page.index("Login refused for desk") < page.index("Host unreachable")
    snoozed(Connector.objects.filter(error_group__message__startswith="Login refused").first(), sam)
    page = text_of(signed_in(sam).get("/"))
    assert "Login refused" not in page
    assert "Host unreachable" in page


def test_an_error_of_one_connector_shows_in_full_and_names_it(signed_in, sam, alice, failing):  # noqa: F811
    connector = failing(alice, label="Harbour <daily>")
    page = signed_in(sam).get("/")
    assert f"Login rejected {connector.last_sync_error_msg} Harbour <daily> 1" in text_of(page)
    assert f'href="/connectors/{connector.connector_id}/"' in page.content.decode()


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (("Lindqvist", "Meridian"), "Lindqvist and 1 other 2 "),
        (("Meridian", "Zephyr", "Lindqvist"), "Lindqvist and 2 others 3 "),
    ],
)
@pytest.mark.parametrize("url", ["/", "/errors/"])
def test_an_error_of_several_shows_what_they_share_and_names_them(
    signed_in,
    sam,
    alice,
    failing,  # noqa: F811
    labels,
    names,
    url,
):
    for label in labels:
        failing(alice, label=label)
    page = text_of(signed_in(sam).get(url))
    assert f"Login to … was refused: wrong password (reference …) {names}" in page


def test_of_an_error_that_others_have_too_a_member_reads_their_own(signed_in, alice, bob, failing):  # noqa: F811
    mine = failing(alice, hours=2)
    hidden = failing(bob, label="Bob's own")
    assert mine.error_group_id == hidden.error_group_id
    page = signed_in(alice)
    for url in ("/", "/errors/"):
        text = text_of(page.get(url))
        assert mine.last_sync_error_msg in text
        assert hidden.last_sync_error_msg not in text
        assert "Bob's own" not in text


def test_where_all_that_fails_is_snoozed_the_page_says_so(signed_in, sam, alice, failing):  # noqa: F811
    snoozed(failing(alice), sam)
    page = signed_in(sam).get("/")
    assert "Nothing else is failing. 1 error is snoozed" in text_of(page)
    assert 'href="/errors/?snoozed=1"' in page.content.decode()


def test_what_is_snoozed_is_told_beside_what_is_failing(signed_in, sam, alice, failing):  # noqa: F811
    failing(alice)
    snoozed(failing(alice, "Host unreachable"), sam)
    page = signed_in(sam).get("/")
    assert "1 more error is snoozed" in text_of(page)
    assert 'href="/errors/?snoozed=1"' in page.text


def test_errors_of_others_private_connectors_do_not_show(signed_in, bob, history):
    assert "Failing now" not in text_of(signed_in(bob).get("/"))


def test_who_looks_after_keys_sees_whose_are_missing_or_rejected(signed_in, with_key, adam, sam, alice, bob):
    api_key = with_key(bob).api_key
    reject(api_key, now=timezone.now())
    page = signed_in(adam).get("/")
    needy = Member.objects.filter(is_active=True, api_key=None).count()
    assert f"{needy} members have no API key" in text_of(page)
    assert "1 API key rejected" in text_of(page)
    assert 'href="/keys/organization/?health=rejected"' in page.content.decode()
    assert "have no API key" not in text_of(signed_in(alice).get("/"))


@pytest.mark.parametrize("url", ["/", "/?mine=1"])
def test_the_page_takes_a_fixed_number_of_queries(
    signed_in,
    adam,
    sam,
    make_key,  # noqa: F811
    failing,  # noqa: F811
    django_assert_max_num_queries,
    url,
):
    """Also for an admin, with an error, one that is snoozed, and a connector that is gone."""
    for error in ("Login refused", "Host unreachable", "Report 7 could not be read"):
        connector = failing(adam, error)
    Connector.objects.filter(pk=connector.pk).update(state="gone")
    snoozed(Connector.objects.filter(state="failing").first(), adam)
    client = signed_in(adam)
    client.get(url)
    with django_assert_max_num_queries(8):
        page = client.get(url)
    assert "1 more error is snoozed" in text_of(page)


def test_refresh_now_asks_with_ones_own_key(signed_in, with_key, alice, sandbox):
    client = signed_in(with_key(alice))
    sandbox.plant("user_alice", label="Brand new")
    page = client.post("/refresh/", follow=True)
    assert "Up to date: Bigdata.com was just asked with your key." in text_of(page)
    assert Connector.objects.get().label == "Brand new"


def test_refresh_now_says_what_went_wrong(signed_in, with_key, alice, sandbox):
    client = signed_in(with_key(alice))
    sandbox.fault("listConnectors", "500", times=0)
    page = client.post("/refresh/", follow=True)
    assert "Up to date" not in text_of(page)
    assert "Bigdata.com" in text_of(page)


def test_refresh_now_keeps_to_the_limits(signed_in, with_key, alice, sandbox, settings):
    client = signed_in(with_key(alice))
    sandbox.clear_requests()
    settings.BIGDATA_KEY_REQUESTS_PER_MINUTE = 1
    pages = [client.post("/refresh/", follow=True) for _ in range(3)]
    assert len(sandbox.requests) == 1
    assert "as often as it may" in text_of(pages[-1])


def test_without_a_key_there_is_nothing_to_refresh(signed_in, alice):
    client = signed_in(alice)
    assert "Refresh now" not in text_of(client.get("/"))
    assert "Add or replace yours first" in text_of(client.post("/refresh/", follow=True))


def test_refresh_goes_back_to_a_page_of_ours_only(signed_in, alice):
    client = signed_in(alice)
    assert client.post("/refresh/", {"next": "/connectors/?q=x"}).url == "/connectors/?q=x"
    assert client.post("/refresh/", {"next": "https://evil.example/"}).url == "/"
