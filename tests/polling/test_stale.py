"""Stale: nothing new for longer than the organization's limit of the connector's type."""

from datetime import timedelta

import pytest
from django.utils import timezone

from connectors_app.choices import State
from connectors_app.models import Connector
from connectors_app.services import inboxes, polling, snapshots, stale_limits
from tests.polling.conftest import at, connector_data

DAY = 86_400
INBOX = {"type": "email", "last_sync_at": None, "last_sync_status": None, "last_sync_count": None}


@pytest.fixture(autouse=True)
def _limits(organization):
    organization.stale_after = {"investment_research": 2, "email": 10}
    organization.save()


@pytest.fixture
def api_key(alice, make_key):
    return make_key(alice)


def take(api_key, seconds, **fields):
    data = connector_data(**{"last_sync_at": at(0).isoformat(), **fields})
    [connector] = snapshots.take_list(api_key, [data], asked_at=at(seconds))
    return connector


def state():
    return Connector.objects.get().state


def test_a_sync_within_the_limit_is_healthy_and_an_older_one_stale(api_key):
    assert take(api_key, 2 * DAY - 1).state == State.HEALTHY
    take(api_key, 2 * DAY, label="2")
    assert set(Connector.objects.values_list("state", flat=True)) == {State.HEALTHY, State.STALE}


def test_time_alone_makes_it_stale(api_key):
    take(api_key, DAY)
    assert stale_limits.settle_stale(now=at(2 * DAY - 1)) == 0
    assert stale_limits.settle_stale(now=at(2 * DAY)) == 1
    assert state() == State.STALE
    assert stale_limits.settle_stale(now=at(2 * DAY)) == 0


def test_failing_outranks_stale_and_so_it_stays(api_key):
    take(api_key, DAY, last_sync_status="FAILED")
    stale_limits.settle_stale(now=at(9 * DAY))
    assert state() == State.FAILING


def test_the_organizations_admin_may_change_the_limits(api_key, organization, adam):
    take(api_key, 3 * DAY)
    stale_limits.set_limits(organization, {"investment_research": 5}, by=adam, now=at(3 * DAY))
    assert state() == State.HEALTHY
    stale_limits.set_limits(organization, {"investment_research": 1}, by=adam, now=at(3 * DAY))
    assert state() == State.STALE
    stale_limits.set_limits(organization, {"investment_research": 0}, by=adam, now=at(3 * DAY))
    assert (state(), Connector.objects.get().stale_at) == (State.HEALTHY, None)


def test_a_type_that_nobody_knows_never_gets_stale(api_key):
    assert take(api_key, 99 * DAY, type="carrier_pigeon").state == State.HEALTHY


def test_more_files_are_news_of_an_inbox(api_key):
    data = connector_data(**INBOX, files_count=1)
    snapshots.take_list(api_key, [data], asked_at=at(0))
    assert Connector.objects.get().stale_at is None  # When something last came in is not known yet.
    more = connector_data(data.connector_id, **INBOX, files_count=2)
    snapshots.take_list(api_key, [more], asked_at=at(DAY))
    assert Connector.objects.get().stale_at == at(11 * DAY)


@pytest.fixture
def inbox(with_key, sandbox, alice):
    [connector_id] = sandbox.plant(type="email", files_count=0)
    polling.poll(with_key(alice).api_key.pk)
    sandbox.clear_requests()
    return connector_id


def test_the_newest_document_tells_when_an_inbox_got_mail(inbox, sandbox):
    sandbox.plant_documents(inbox, count=2)
    now = timezone.now()
    assert inboxes.look_at_inboxes(now=now) == 1
    assert Connector.objects.get().newest_document_at is not None
    assert state() != State.STALE
    stale_limits.settle_stale(now=now + timedelta(days=11))
    assert state() == State.STALE


def test_an_inbox_is_asked_about_rarely(inbox, sandbox):
    now = timezone.now()
    for minutes in (0, 1, 300):
        inboxes.look_at_inboxes(now=now + timedelta(minutes=minutes))
    assert len(sandbox.requests) == 1
    inboxes.look_at_inboxes(now=now + timedelta(hours=7))
    assert len(sandbox.requests) == 2


def test_trouble_leaves_an_inbox_as_it_was(inbox, sandbox):
    sandbox.fault("listDocuments", "500", times=0)
    inboxes.look_at_inboxes(now=timezone.now())
    assert Connector.objects.get().newest_document_at is None
    assert state() == State.NEVER_SYNCED


def test_an_inbox_that_gave_no_answer_is_not_one_without_mail(with_key, sandbox, alice):
    """A poll before the answer, or after there was none, must not find it stale since its creation."""
    sandbox.plant(type="email", created_at="2026-01-01T00:00:00Z", files_count=1)
    api_key = with_key(alice).api_key
    polling.poll(api_key.pk)
    sandbox.fault("listDocuments", "500", times=0)
    inboxes.look_at_inboxes(now=timezone.now())
    sandbox.plant(type="sharepoint")  # News: the whole list is taken in.
    polling.poll(api_key.pk)
    assert Connector.objects.get(type="email").state == State.HEALTHY


def test_an_inbox_without_any_mail_counts_from_its_beginning(inbox):
    Connector.objects.update(created_at=timezone.now() - timedelta(days=11))
    inboxes.look_at_inboxes(now=timezone.now())
    assert state() == State.STALE
