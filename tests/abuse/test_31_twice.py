"""Double click, reload, back button, two tabs: whatever the form, one change.

Counted are what upstream was asked to do, the rows, and what the trail tells.
"""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from connectors_app.choices import AuditAction
from connectors_app.models import ApiKey, AuditEntry, Bulk, Connector, Invitation, Member, Operation
from tests.bulk.conftest import work_off
from tests.connectors.changing import BROKER, asked, form_on, opened, plant, url
from tests.connectors.stage import send
from tests.members.conftest import NEW_PASSWORD, link

__all__ = ["link"]
CHANGES = {
    "createConnector",
    "updateConnector",
    "deleteConnector",
    "triggerSync",
}  # An archive is a delete by half.
LIMITS = {"email": "1", "investment_research": "2", "sharepoint": "3", "alert_after_failures": "2"}
FAILED = {"last_sync_status": "FAILED", "last_sync_error_msg": "Login to the portal was refused: wrong password"}


def told(*actions):
    """How often the trail tells of it."""
    return AuditEntry.objects.filter(action__in=actions).count()


def changes(sandbox):
    return [each for each in asked(sandbox) if each in CHANGES]


@pytest.fixture
def broker(sandbox, alice_with_key):
    return plant(sandbox, alice_with_key, **BROKER)


# ── Connectors ───────────────────────────────────────────────────────────────────────────────────

FORMS = {
    "edit": ({"label": "New"}, AuditAction.CONNECTOR_CHANGED),
    "sync": ({"date_limit": "2026-01-01"}, AuditAction.SYNC_ASKED),
    "archive": ({}, AuditAction.CONNECTOR_ARCHIVED),
    "delete": ({"label": "Broker feed", "force_delete": "on"}, AuditAction.CONNECTOR_DELETED),
}
every_form = pytest.mark.parametrize("page", FORMS)


def one_change(sandbox, page):
    return (len(changes(sandbox)), Operation.objects.count(), told(FORMS[page][1])) == (1, 1, 1)


@every_form
def test_31_a_double_click_is_one_change(desk, broker, sandbox, page):
    form = opened(desk, url(broker, page), **FORMS[page][0])
    answers = [desk.post(url(broker, page), form) for _ in range(2)]
    assert answers[0].url == answers[1].url
    assert one_change(sandbox, page)


@every_form
def test_31_a_reload_of_where_it_leads_is_no_change(desk, broker, sandbox, page):
    answer = desk.post(url(broker, page), opened(desk, url(broker, page), **FORMS[page][0]))
    assert [desk.get(answer.url).status_code for _ in range(2)] == [200, 200]
    assert one_change(sandbox, page)


@every_form
def test_31_back_and_sent_again_with_other_values_is_no_second_change(desk, broker, sandbox, page):
    form = opened(desk, url(broker, page), **FORMS[page][0])
    desk.post(url(broker, page), form)
    for _ in range(2):
        desk.post(url(broker, page), form | {"description": "Another", "date_limit": "2026-01-02"})
    assert one_change(sandbox, page)


@pytest.mark.parametrize("page", ["edit", "archive", "delete"])
def test_31_two_tabs_are_one_change(desk, broker, sandbox, page):
    tabs = [opened(desk, url(broker, page), **FORMS[page][0]) for _ in range(2)]
    assert tabs[0]["operation_id"] != tabs[1]["operation_id"]
    statuses = [desk.post(url(broker, page), form).status_code for form in tabs]
    assert statuses[1] in (302, 400)
    assert one_change(sandbox, page)


def test_31_a_create_sent_four_times_is_one_connector(desk, sandbox):
    form = opened(desk, "/connectors/new/email/", label="Desk", allowed_emails="a@example.com")
    pages = [send(desk, form), send(desk, form), send(desk, form | {"label": "Changed after back"})]
    desk.get(pages[0].url)
    pages.append(send(desk, form))
    assert len({page.url for page in pages}) == 1
    assert changes(sandbox) == ["createConnector"]
    assert (Connector.objects.count(), told(AuditAction.CONNECTOR_CREATED)) == (1, 1)


def test_31_replaced_credentials_are_one_successor(desk, broker, sandbox):
    values = {"user_id": "desk-8", "user_password": "open sesame"}
    tabs = [opened(desk, url(broker, "replace"), **values) for _ in range(2)]
    for form in (tabs[0], tabs[0], tabs[1]):
        desk.post(url(broker, "replace"), form)
    assert changes(sandbox) == ["createConnector"]
    assert Connector.objects.count() == 2


def test_31_bulk_work_begins_once_and_asks_once_for_each(desk, broker, sandbox):
    form = confirmed(desk, broker)
    answers = [desk.post("/bulk/new/", form) for _ in range(3)]
    assert len({answer.url for answer in answers}) == 1
    work_off(Bulk.objects.get())
    desk.post("/bulk/new/", form)
    assert work_off(Bulk.objects.get()).is_over
    assert told(AuditAction.BULK_ASKED) == 1
    assert changes(sandbox) == ["deleteConnector"]


def test_31_bulk_work_in_two_tabs_asks_upstream_once(desk, broker, sandbox):
    for form in [confirmed(desk, broker) for _ in range(2)]:
        desk.post("/bulk/new/", form)
    assert [work_off(each).is_over for each in Bulk.objects.all()] == [True, True]
    assert changes(sandbox) == ["deleteConnector"]


def confirmed(desk, connector):
    """The form of the page that asks whether it is meant."""
    chosen = {"action": "archive", "connector": [str(connector.connector_id)]}
    return chosen | {"confirm": "1", "bulk_id": form_on(desk.post("/bulk/new/", chosen))["bulk_id"]}


# ── Members, keys, errors, limits ────────────────────────────────────────────────────────────────


def test_31_an_invitation_sent_twice_is_one_with_one_link(admin):
    form = opened(admin, "/members/invite/", email="carol@example.com", role="analyst")
    texts = [admin.post("/members/invite/", form).text for _ in range(2)]
    assert ["/invitations/" in text for text in texts] == [True, False]
    assert (Invitation.objects.count(), told(AuditAction.MEMBER_INVITED)) == (1, 1)


def test_31_invited_in_two_tabs_one_invitation_is_open(admin):
    tabs = [opened(admin, "/members/invite/", email="carol@example.com", role="analyst") for _ in range(2)]
    for form in tabs:
        admin.post("/members/invite/", form)
    assert Invitation.objects.open(now=timezone.now()).count() == 1


def test_31_an_invitation_is_accepted_once(link):
    path, visitors = link(), [Client(), Client()]
    statuses = [each.post(path, {"password": NEW_PASSWORD}).status_code for each in (*visitors, visitors[0])]
    assert statuses == [302, 404, 404]
    assert Member.objects.filter(email="carol@example.com").count() == 1
    assert told(AuditAction.INVITATION_ACCEPTED) == 1


def test_31_an_invitation_is_revoked_once(admin, link):
    link()
    for _ in range(2):
        admin.post(f"/members/invitations/{Invitation.objects.get().pk}/revoke/")
    assert told(AuditAction.INVITATION_REVOKED) == 1


@pytest.mark.parametrize(
    ("path", "action"),
    [
        ("role/support/", AuditAction.ROLE_CHANGED),
        ("deactivate/", AuditAction.MEMBER_DEACTIVATED),
    ],
)
def test_31_a_change_of_a_member_is_one(admin, bob, path, action):
    for _ in range(2):
        assert admin.post(f"/members/{bob.pk}/{path}").status_code == 302
    assert told(action) == 1


def test_31_a_key_stored_twice_is_one_key(signed_in, alice, sandbox):
    client = signed_in(alice)
    for _ in range(3):
        assert client.post("/keys/", {"api_key": "sandbox-alice"}).status_code == 302
    assert ApiKey.objects.get().holds("sandbox-alice")
    assert told(AuditAction.KEY_ADDED) == 1


@pytest.mark.parametrize(
    ("path", "action"), [("disable/", AuditAction.KEY_DISABLED), ("enable/", AuditAction.KEY_ENABLED)]
)
def test_31_a_key_is_disabled_and_enabled_once(admin, make_key, bob, path, action):
    key = make_key(bob)
    ApiKey.objects.update(status="disabled" if path == "enable/" else "working")
    for _ in range(2):
        assert admin.post(f"/keys/{key.pk}/{path}").status_code == 302
    assert told(action) == 1


def test_31_a_key_is_removed_and_dated_once(desk, alice_with_key):
    for _ in range(2):
        desk.post("/keys/expiry/", {"expires_on": "2099-01-01"})
    for _ in range(2):
        desk.post("/keys/remove/")
    assert (told(AuditAction.KEY_EXPIRY_SET), told(AuditAction.KEY_REMOVED)) == (1, 1)


def test_31_limits_saved_twice_are_one_change(admin, adam):
    for _ in range(3):
        assert admin.post("/organization/", LIMITS).status_code == 302
    adam.organization.refresh_from_db()
    assert adam.organization.stale_after["email"] == 1
    assert told(AuditAction.LIMITS_CHANGED) == 1


def test_31_an_error_is_snoozed_and_woken_once(sam, alice, signed_in, failing):
    group, client = failing(alice).error_group, signed_in(sam)
    form = {"days": "7", "reason": "The broker is working on it"}
    for _ in range(3):
        assert client.post(f"/errors/{group.pk}/snooze/", form).status_code == 302
    group.refresh_from_db()
    assert group.snoozed_until < timezone.now() + timedelta(days=7)
    assert told(AuditAction.ERROR_SNOOZED) == 1
    for _ in range(3):
        client.post(f"/errors/{group.pk}/snooze/", {"wake": "1"})
    assert told(AuditAction.ERROR_WOKEN) == 1
