"""What asking by id told before is noted, and not taken in again: as long as nothing else is known meanwhile."""

from datetime import timedelta
from uuid import uuid4

import pytest

from connectors_app.choices import KeyStatus, State
from connectors_app.models import ApiKey, Connector, Member, Sighting
from connectors_app.services import snapshots
from tests.polling.conftest import at, connector_data

ID = uuid4()


@pytest.fixture
def api_key(make_key, alice):
    api_key = make_key(alice)
    snapshots.take_list(api_key, [connector_data(ID)], asked_at=at(0))
    return api_key


def confirm(api_key, **told):
    connector = Connector.objects.get()
    return connector, snapshots.confirm(api_key, connector, connector_data(ID, **told), asked_at=at(60))


def rows() -> list[dict]:
    return [*Connector.objects.values(), *Sighting.objects.values()]


def test_what_tells_nothing_new_moves_nothing_but_when_it_was_asked(api_key):
    [before, sighting] = rows()
    connector, is_same = confirm(api_key)
    assert is_same
    assert rows() == [before | {"refreshed_at": at(60)}, sighting]
    assert connector.refreshed_at == at(60)


@pytest.mark.parametrize(
    "told",
    [{"label": "Other"}, {"files_count": 11}, {"last_sync_at": "2026-03-01T09:00:00Z"}, {"archived": True}],
)
def test_news_write_nothing_here(api_key, told):
    before = rows()
    _, is_same = confirm(api_key, **told)
    assert not is_same
    assert rows() == before


@pytest.mark.parametrize(
    "happened",
    [
        lambda: ApiKey.objects.update(status=KeyStatus.DISABLED),
        lambda: ApiKey.objects.update(verified_at=at(30)),
        lambda: Member.objects.update(is_active=False),
        lambda: Sighting.objects.update(listed=False),
        lambda: Sighting.objects.all().delete(),
        lambda: Connector.objects.update(gone_at=at(30)),
        lambda: Connector.objects.update(refreshed_at=at(90)),
        # How long this takes may be news by itself.
        lambda: Connector.objects.update(deletion_asked_at=at(30), state=State.DELETING),
    ],
)
def test_it_is_no_old_news_once_something_else_is_known(api_key, happened):
    happened()
    before = rows()
    _, is_same = confirm(api_key)
    assert not is_same
    assert rows() == before


@pytest.mark.parametrize("written", [{"state": State.KEY_REJECTED}, {"refreshed_at": at(59)}])
def test_what_was_written_while_the_answer_was_under_way_counts(api_key, written):
    connector = Connector.objects.get()
    Connector.objects.update(**written)
    before = rows()
    assert not snapshots.confirm(api_key, connector, connector_data(ID), asked_at=at(60))
    assert rows() == before


def test_a_deletion_that_takes_too_long_is_still_noticed_when_asked_by_id(api_key):
    late = at(60) - timedelta(days=2)
    Connector.objects.update(deletion_asked_at=late, state=State.DELETING)
    snapshots.take_one(api_key, connector_data(ID), asked_at=at(60))
    assert Connector.objects.get().incidents.filter(closed_at=None).exists()
