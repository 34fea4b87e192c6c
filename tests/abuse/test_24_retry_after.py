"""A 429, whatever its Retry-After asks for: that key waits a bounded time, the others go on."""

from datetime import timedelta

import pytest
from django.utils import timezone

from connectors_app.models import ApiKey, Connector
from connectors_app.services import breaker, polling
from tests.connectors.stage import text_of, warning_on

IN_A_LONG_WHILE = "Wed, 21 Oct 2099 07:28:00 GMT"
LONG_AGO = "Wed, 21 Oct 2015 07:28:00 GMT"
# In seconds: never less than half a minute, never more than a quarter of an hour.
WAITS = {None: 30, "0": 30, "120": 120, "86400": 900, "9" * 40: 30, IN_A_LONG_WHILE: 900, LONG_AGO: 30}
WAITS |= {"soon": 30, "-5": 30, "1e9": 30, "\u00b2": 30, "Wed, 99 Oct 2099 07:28:00 GMT": 30}


@pytest.fixture
def keys(with_key, sandbox, alice, bob):
    """Alice's, which is told to wait, and Bob's."""
    sandbox.plant("user_alice", label="Alice's")
    sandbox.plant("user_bob", label="Bob's")
    return with_key(alice).api_key, with_key(bob).api_key


@pytest.mark.parametrize("asked", WAITS, ids=str)
def test_24_the_key_waits_a_bounded_time_and_the_others_go_on(keys, sandbox, asked):
    sandbox.fault("*", "429", key="sandbox-alice", times=0, retry_after=asked)
    before = timezone.now()
    assert [polling.poll(key.pk) for key in keys] == [False, True]
    paused = ApiKey.objects.get(pk=keys[0].pk)
    asked_to_wait = (paused.paused_until - before).total_seconds()
    assert WAITS[asked] <= asked_to_wait < WAITS[asked] + 20
    assert paused.status == "working"
    assert breaker.state().failures == 0
    ApiKey.objects.update(next_poll_at=before)
    assert [claim.key_id for claim in polling.claim_due(now=before)] == [keys[1].pk]
    ApiKey.objects.update(lease_until=None, next_poll_at=before)
    later = timezone.now() + timedelta(minutes=16)
    assert keys[0].pk in [claim.key_id for claim in polling.claim_due(now=later)]


@pytest.mark.parametrize("asked", ["86400", IN_A_LONG_WHILE, "soon"], ids=str)
def test_24_who_waits_for_a_page_gets_one_with_what_is_known(keys, sandbox, settings, alice, signed_in, asked):
    settings.BIGDATA_TOTAL_TIMEOUT = 0.4  # Too short for a second try.
    sandbox.fault("*", "429", key="sandbox-alice", times=0, retry_after=asked)
    connector = Connector.objects.get(label="Alice's")
    page = signed_in(alice).post(f"/connectors/{connector.connector_id}/refresh/", follow=True)
    assert "Bigdata.com" in warning_on(page)
    assert "Alice's" in text_of(page)
