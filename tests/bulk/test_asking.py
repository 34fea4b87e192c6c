"""From the list to the confirm page to the progress page, by plain form posts."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from connectors_app.choices import BulkAction
from connectors_app.models import Bulk, Connector
from tests.bulk.conftest import begin_syncs

NEW = "/bulk/new/"


@pytest.fixture
def alice(alice, with_key):
    return with_key(alice)


@pytest.fixture
def browser(alice, signed_in):
    return signed_in(alice)


def ids(connectors):
    return [str(connector.connector_id) for connector in connectors]


def hidden_fields(answer):
    return dict(re.findall(r'<input type="hidden"\s+name="(\w+)"\s+value="([^"]*)"', answer.text)) | {
        "csrfmiddlewaretoken": ""
    }


def confirm(browser, page, **values):
    return browser.post(NEW, hidden_fields(page) | values)


def shown(page):
    """The text of the page's form, as one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.text.partition('action="/bulk/new/"')[2]).split())


def test_selected_connectors_are_confirmed_then_begun(browser, alice, have):
    connectors = have(alice, 3)
    page = browser.post(NEW, {"action": "sync", "connector": ids(connectors[:2])})
    assert "Sync 2 connectors" in shown(page)
    assert not Bulk.objects.exists()
    answer = confirm(browser, page, date_limit="2026-01-01")
    work = Bulk.objects.get()
    assert answer.url == f"/bulk/{work.pk}/"
    assert (work.actor, work.action, work.parameters) == (alice, "sync", {"date_limit": "2026-01-01"})
    assert set(work.items.values_list("connector", flat=True)) == {c.pk for c in connectors[:2]}


def test_all_that_match_are_meant_and_stay_the_same_until_confirmed(browser, alice, have):
    have(alice, 3, label="Macro")
    have(alice, 2, label="Equity")
    page = browser.post(NEW, {"action": "archive", "all_matching": "q=macro", "connector": []})
    assert "Archive 3 connectors" in shown(page)
    have(alice, 4, label="Macro, later")
    confirm(browser, page)
    assert Bulk.objects.get().items.count() == 3


def test_a_double_click_begins_it_once(browser, alice, have):
    page = browser.post(NEW, {"action": "archive", "connector": ids(have(alice, 2))})
    assert confirm(browser, page).url == confirm(browser, page).url
    assert Bulk.objects.get().items.count() == 2


def test_somebody_else_s_id_begins_nothing(browser, alice, bob, have):
    [connector] = have(alice)
    other = begin_syncs(bob, [])
    page = browser.post(NEW, {"action": "archive", "connector": ids([connector])})
    assert confirm(browser, page, bulk_id=str(other.pk)).status_code == 404
    assert Bulk.objects.get() == other


def test_what_is_left_out_is_grouped_by_why_and_named(browser, alice, have):
    feeds, inboxes = have(alice, 1), have(alice, 7, type="email", label="Inbox")
    gone = have(alice, label="Lost")[0]
    gone.gone_at = timezone.now()
    gone.save()
    selected = [*ids([*feeds, *inboxes, gone]), str(uuid4()), "not-an-id"]
    text = shown(browser.post(NEW, {"action": "sync", "connector": selected}))
    assert "Sync 1 connector" in text
    assert "7 connectors Email connectors have no sync: mail is taken in as it arrives." in text
    assert "Inbox 1, Inbox 2, Inbox 3, Inbox 4, Inbox 5 and 2 more" in text
    assert "1 connector It is gone: Bigdata.com no longer knows it. Lost" in text
    assert "1 connector Not among the connectors that you can see." in text


def test_where_nothing_is_possible_there_is_no_button(browser, alice, have):
    page = browser.post(NEW, {"action": "sync", "connector": ids(have(alice, type="email"))})
    assert "with any of the connectors that you selected" in shown(page)
    assert 'type="submit" class="btn btn-primary' not in page.text
    browser.post(NEW, hidden_fields(page) | {"action": "sync", "confirm": "1", "connector": [str(uuid4())]})
    assert not Bulk.objects.exists()


@pytest.mark.parametrize("selection", [{}, {"connector": ["nonsense"]}, {"all_matching": "q=nobody"}])
def test_nothing_selected_leads_back_to_the_list(browser, selection):
    answer = browser.post(NEW, {"action": "sync", **selection}, follow=True)
    assert answer.redirect_chain[-1][0] == "/connectors/"
    assert "Nothing was selected" in answer.text


def test_more_than_ten_thousand_are_not_begun(browser):
    answer = browser.post(
        NEW, {"action": "sync", "connectors": " ".join(str(uuid4()) for _ in range(10_001))}, follow=True
    )
    assert "At most 10,000 connectors at once" in answer.text


def test_ten_thousand_fit_into_one_form(browser, alice, have):
    many = [*ids(have(alice)), *(str(uuid4()) for _ in range(9_999))]
    text = shown(browser.post(NEW, {"action": "archive", "connectors": " ".join(many)}))
    assert "Archive 1 connector" in text
    assert "9,999 connectors Not among" in text


@pytest.mark.parametrize("day", ["", "soon", str(timezone.localdate() + timedelta(days=2))])
def test_a_day_that_can_not_be_is_asked_for_again(browser, alice, have, day):
    page = browser.post(NEW, {"action": "sync", "connector": ids(have(alice))})
    assert f'value="{timezone.localdate() - timedelta(days=7)}"' in page.text
    again = confirm(browser, page, date_limit=day)
    assert "is-invalid" in again.text
    assert hidden_fields(again) == hidden_fields(page)
    assert not Bulk.objects.exists()


def test_sharepoint_alone_is_asked_for_no_day(browser, alice, have):
    page = browser.post(NEW, {"action": "sync", "connector": ids(have(alice, type="sharepoint", config={}))})
    assert "date_limit" not in page.text
    confirm(browser, page)
    assert Bulk.objects.get().parameters == {}


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", "Say which sender."),
        ("not an address", "“not an address” is not an email address"),
        ("a@b.example, c@d.example", "One address at a time"),
        ("a\x00@b.example", "is not an email address"),
    ],
)
def test_a_sender_that_is_none_is_asked_for_again(browser, alice, have, typed, message):
    page = browser.post(NEW, {"action": "add_sender", "connector": ids(have(alice, type="email"))})
    assert message in confirm(browser, page, sender=typed).text
    assert not Bulk.objects.exists()


def test_a_sender_may_be_given_with_its_name(browser, alice, have):
    page = browser.post(NEW, {"action": "remove_sender", "connector": ids(have(alice, type="email"))})
    confirm(browser, page, sender=" Jane <jane@desk.example> ")
    assert Bulk.objects.get().parameters == {"sender": "jane@desk.example"}


def test_an_unknown_action_is_not_found_and_a_visit_leads_to_the_list(browser):
    assert browser.post(NEW, {"action": "delete", "connector": [str(uuid4())]}).status_code == 404
    assert browser.get(NEW).url == "/connectors/"


def test_a_form_from_elsewhere_begins_nothing(alice, have):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    form = {"action": "archive", "connector": ids(have(alice)), "confirm": "1"}
    assert client.post(NEW, form).status_code == 403
    assert not Bulk.objects.exists()


@pytest.mark.parametrize("action", BulkAction)
def test_every_action_says_what_will_happen(browser, alice, have, action):
    connectors = have(alice) + have(alice, type="email")
    page = browser.post(NEW, {"action": action, "connector": ids(connectors)})
    assert page.status_code == 200
    assert "{%" not in page.text
    assert "It runs in the background" in shown(page)


def test_it_says_whose_keys_it_uses_and_whose_each_is(signed_in, adam, alice, bob, with_key, have):
    hers, his = have(alice, 1, label="Hers"), have(with_key(bob), 1, label="His")
    page = shown(signed_in(adam).post(NEW, {"action": "archive", "connector": ids([*hers, *his])}))
    assert "This uses the API keys of alice@example.com, bob@example.com, and the audit trail says so." in page
    assert "Hers alice@example.com" in page
    assert "His bob@example.com" in page
    own = shown(signed_in(alice).post(NEW, {"action": "archive", "connector": ids(hers)}))
    assert "This uses" not in own
    admins = have(with_key(adam), 1)
    page = shown(signed_in(adam).post(NEW, {"action": "archive", "connector": ids([*hers, *admins])}))
    assert "This uses the API key of alice@example.com, and your own, and the audit trail says so." in page


def test_where_nothing_is_possible_it_says_why_of_how_many_and_leads_back(browser, alice, have):
    [gone] = have(alice, 1)
    Connector.objects.filter(pk=gone.pk).update(gone_at=timezone.now(), state="gone")
    page = browser.post(NEW, {"action": "sync", "connector": ids([gone])})
    assert "1 connector It is gone" in shown(page)
    assert '<a class="btn " href="/connectors/">Back to the list</a>' in " ".join(page.text.split())


def test_going_back_to_the_confirm_page_leads_to_the_list(browser):
    assert browser.get(NEW).url == "/connectors/"
