"""`poll`: asks in the foreground, and its exit says whether every answer could be used."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from connectors_app.choices import KeyStatus, OperationKind, Outcome
from connectors_app.models import ApiKey, Connector, Operation


@pytest.fixture
def keys(with_key, sandbox, alice, bob):
    """Two keys, neither of which is due."""
    keys = with_key(alice).api_key, with_key(bob).api_key
    ApiKey.objects.update(next_poll_at=timezone.now() + timedelta(minutes=5))
    sandbox.clear_requests()
    return keys


def asked(sandbox):
    return [call["user_id"] for call in sandbox.requests]


def make_due(api_key):
    ApiKey.objects.filter(pk=api_key.pk).update(next_poll_at=timezone.now() - timedelta(seconds=1))


def test_once_asks_for_every_key_due_or_not(keys, sandbox, capsys):
    sandbox.plant("user_alice", label="New")
    call_command("poll", "--once")
    assert asked(sandbox) == ["user_alice", "user_bob"]
    assert Connector.objects.get().label == "New"
    assert capsys.readouterr().out == "Polled 2 keys; 0 without a usable answer.\n"


def test_without_once_only_what_is_due_is_asked_for(keys, sandbox):
    make_due(keys[1])
    call_command("poll")
    assert asked(sandbox) == ["user_bob"]


def test_one_key_can_be_named(keys, sandbox):
    call_command("poll", "--key", str(keys[1].pk))
    assert asked(sandbox) == ["user_bob"]


def test_a_rejected_key_is_left_out(keys, sandbox):
    ApiKey.objects.filter(pk=keys[0].pk).update(status=KeyStatus.REJECTED)
    call_command("poll", "--once")
    assert asked(sandbox) == ["user_bob"]


def test_an_unusable_answer_ends_in_an_error_that_names_the_key(keys, sandbox, capsys):
    sandbox.fault("listConnectors", "500", times=0, key="sandbox-alice")
    with pytest.raises(CommandError) as failure:
        call_command("poll", "--once")
    assert failure.value.returncode == 1
    assert str(keys[0].pk) in str(failure.value)
    assert str(keys[1].pk) not in str(failure.value)
    assert capsys.readouterr().out == "Polled 2 keys; 1 without a usable answer.\n"


def test_one_key_s_trouble_does_not_stop_the_others(keys, sandbox):
    sandbox.plant("user_bob", label="Bob's")
    sandbox.fault("listConnectors", "malformed", times=0, key="sandbox-alice")
    with pytest.raises(CommandError):
        call_command("poll", "--once")
    assert Connector.objects.get().label == "Bob's"


@pytest.mark.parametrize("value", ["nonsense", "1"])
def test_a_key_s_id_that_is_none_is_refused(keys, sandbox, value):
    with pytest.raises(CommandError, match="--key"):
        call_command("poll", "--key", value)
    assert sandbox.requests == []


def test_an_unknown_key_is_an_error(keys):
    with pytest.raises(CommandError, match="No usable answer"):
        call_command("poll", "--key", str(uuid4()))


def test_no_keys_at_all_is_no_error(db, capsys):
    call_command("poll", "--once")
    assert capsys.readouterr().out == "Polled 0 keys; 0 without a usable answer.\n"


def test_a_create_whose_answer_was_lost_is_settled(keys, sandbox, alice):
    asked = {
        "label": "Desk",
        "description": "",
        "share_with_org": False,
        "config": {"allowed_emails": ["a@b.example"]},
    }
    operation = Operation.objects.create(
        organization=alice.organization,
        actor=alice,
        key_owner=alice,
        kind=OperationKind.CREATE,
        connector_type="email",
        request=asked,
        outcome=Outcome.UNKNOWN,
        finished_at=timezone.now(),
    )
    [connector_id] = sandbox.plant(
        "user_alice", **{**asked, "config": asked["config"] | {"email": "x@bigdata.com"}}
    )
    call_command("poll", "--once")
    operation.refresh_from_db()
    assert operation.outcome == Outcome.SUCCEEDED
    assert str(operation.connector.connector_id) == connector_id
