"""The worker begins as soon as it is stored, and a queue that is down loses nothing."""

import pytest

from connectors_app import tasks
from tests.bulk.conftest import begin_syncs, progress
from tests.bulk.test_asking import NEW, confirm, ids


@pytest.fixture
def alice(alice, with_key):
    return with_key(alice)


def test_the_first_turn_follows_the_commit(alice, have, signed_in, django_capture_on_commit_callbacks):
    client = signed_in(alice)
    page = client.post(NEW, {"action": "archive", "connector": ids(have(alice, 2))})
    with django_capture_on_commit_callbacks(execute=True):
        confirm(client, page)
    assert progress(alice.bulks.get()).succeeded == 2


def test_a_retry_begins_as_well(alice, have, sandbox, signed_in, django_capture_on_commit_callbacks):
    work = begin_syncs(alice, have(alice, 1))
    sandbox.fault("triggerSync", "404", times=1)
    tasks.run_bulk(work.organization_id)
    work.refresh_from_db()
    assert progress(work).failed == 1
    alice.bulks.update(lease_until=None)
    with django_capture_on_commit_callbacks(execute=True):
        signed_in(alice).post(f"/bulk/{work.pk}/retry/", {"item": work.items.get().pk})
    assert progress(work).succeeded == 1
