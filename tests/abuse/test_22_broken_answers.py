"""Answers with status 200 that are none: what is known stays, and every page says that it is old.

What else can go wrong with a poll is in tests/polling/test_round.py, with a refresh in tests/connectors.
"""

from datetime import timedelta

import pytest
from django.utils import timezone

from connectors_app.models import ApiKey, Connector
from connectors_app.services import polling
from tests.connectors.stage import text_of, warning_on
from tests.polling.conftest import as_json, connector_json

BROKEN = {
    "HTML": b"<!doctype html><title>Maintenance</title><h1>Back soon</h1>",
    "cut": as_json([connector_json()]).encode()[:-9],
    "nothing": b"",
    "null": b"null",
    "another shape": b'{"results": {"connector": null}}',
    "a wrong type": as_json([connector_json(label=["x"])]).encode(),
    "one wrong among many": as_json([connector_json(), connector_json(), connector_json(archived="no")]).encode(),
    "no text": b"\xff\xfe\x00",
}


@pytest.fixture
def known(sandbox, alice_with_key):
    """A connector that was last seen a while ago."""
    sandbox.plant("user_alice", label="As it was")
    assert polling.poll(alice_with_key.api_key.pk)
    ApiKey.objects.update(last_polled_at=timezone.now() - timedelta(hours=3))
    Connector.objects.update(refreshed_at=timezone.now() - timedelta(hours=3))
    return Connector.objects.get()


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
def test_22_what_was_known_stays_and_is_marked_as_old(desk, known, upstream_answers, body):
    upstream_answers(200, body)
    before = list(Connector.objects.values())
    assert not polling.poll(ApiKey.objects.get().pk)
    address = f"/connectors/{known.connector_id}/"
    refreshed = desk.post(f"{address}refresh/", follow=True)
    assert "Bigdata.com" in warning_on(refreshed)
    for page in (desk.get("/"), desk.get("/connectors/"), desk.get(address), refreshed):
        assert "The data is old: Bigdata.com has not answered since" in text_of(page)
    assert "As it was" in text_of(desk.get("/connectors/"))
    assert "3 h ago" in text_of(desk.get(address))
    assert list(Connector.objects.values()) == before
    assert Connector.objects.count() == 1
