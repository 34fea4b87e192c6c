"""Which keys are due, and that each is claimed by one."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from connectors_app.choices import KeyStatus
from connectors_app.models import ApiKey
from connectors_app.services import polling
from tests.polling.conftest import NOON, at


@pytest.fixture
def api_key(alice, make_key):
    return make_key(alice)


def set_key(**fields):
    ApiKey.objects.update(**fields)


def claimed(**when):
    return [claim.key_id for claim in polling.claim_due(**when)]


def test_what_is_due_is_claimed_once(api_key):
    assert claimed(now=NOON) == [api_key.pk]
    assert claimed(now=NOON) == []


def test_what_is_not_due_is_left_alone(api_key):
    assert claimed(now=at(-1)) == []
    assert ApiKey.objects.get().lease_until is None


def test_the_longest_due_comes_first_and_a_claim_has_its_limit(alice, bob, adam, make_key):
    keys = {member: make_key(member) for member in (alice, bob, adam)}
    for seconds, member in ((-10, alice), (-30, bob), (-20, adam)):
        ApiKey.objects.filter(member=member).update(next_poll_at=at(seconds))
    assert claimed(now=NOON, limit=2) == [keys[bob].pk, keys[adam].pk]
    assert claimed(now=NOON) == [keys[alice].pk]


def test_a_lease_that_ran_out_makes_a_key_due_again(api_key):
    polling.claim_due(now=NOON)
    lease = ApiKey.objects.get().lease_until
    assert claimed(now=lease) == []
    assert claimed(now=lease + timedelta(seconds=1)) == [api_key.pk]


def test_a_rejected_key_is_not_asked_for(api_key):
    set_key(status=KeyStatus.REJECTED)
    assert claimed(now=NOON) == []


def test_the_key_of_a_deactivated_member_is_not_used(api_key, alice):
    alice.is_active = False
    alice.save()
    assert claimed(now=NOON) == []


def test_of_two_processes_that_saw_a_key_due_one_gets_it(api_key):
    def other_process_is_faster(execute, sql, params, many, context):
        if sql.startswith("UPDATE") and not faster:
            faster.append(True)
            set_key(lease_until=at(120))
        return execute(sql, params, many, context)

    faster = []
    with connection.execute_wrapper(other_process_is_faster):
        assert claimed(now=NOON) == []
    assert faster


def test_a_key_that_was_just_polled_elsewhere_is_not_claimed(api_key):
    def polled_meanwhile(execute, sql, params, many, context):
        if sql.startswith("UPDATE") and not polled:
            polled.append(True)
            set_key(next_poll_at=at(300))
        return execute(sql, params, many, context)

    polled = []
    with connection.execute_wrapper(polled_meanwhile):
        assert claimed(now=NOON) == []
    assert polled


def test_a_poll_gives_the_lease_back_and_sets_the_next_time(with_key, alice, settings):
    settings.POLL_INTERVAL = 1000
    with_key(alice)
    set_key(next_poll_at=NOON, lease_until=F("next_poll_at"))
    before = timezone.now()
    assert polling.poll(alice.api_key.pk)
    polled = ApiKey.objects.get()
    assert polled.lease_until is None
    assert timedelta(seconds=900) <= polled.next_poll_at - before <= timedelta(seconds=1110)


def test_trouble_gives_the_lease_back_too(with_key, sandbox, alice):
    with_key(alice)
    set_key(next_poll_at=NOON, lease_until=NOON)
    sandbox.fault("listConnectors", "500", times=0)
    assert not polling.poll(alice.api_key.pk)
    assert ApiKey.objects.get().lease_until is None
    assert ApiKey.objects.get().next_poll_at > timezone.now()


def test_a_key_that_was_removed_meanwhile_is_no_trouble(api_key):
    ApiKey.objects.all().delete()
    assert not polling.poll(api_key.pk)


def test_a_round_without_news_writes_the_key_and_nothing_else(with_key, sandbox, alice):
    sandbox.plant("user_alice", count=30)
    with_key(alice)
    with CaptureQueriesContext(connection) as queries:
        assert polling.poll(alice.api_key.pk)
    writes = [q["sql"] for q in queries if q["sql"].startswith(("UPDATE", "INSERT", "DELETE"))]
    effective = [sql for sql in writes if "lease_until" in sql]
    assert len(effective) == 1
    assert [sql for sql in writes if "sighting" not in sql and sql not in effective] == []
