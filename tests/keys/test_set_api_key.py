"""`set_api_key`: the page's other door, with the same lock."""

import getpass
import re

import pytest
from django.core.management import CommandError, call_command

from connectors_app.bigdata import KeyRejected
from connectors_app.models import ApiKey
from tests.stored import everything_stored

KEY = "canary-key-command-5e"


@pytest.fixture
def environment(monkeypatch, sandbox, alice):
    sandbox.add_key(KEY, "user_alice")
    monkeypatch.setenv("BIGDATA_API_KEY", KEY)
    return monkeypatch


def test_the_key_of_the_environment_is_checked_and_stored(environment, sandbox, capsys):
    sandbox.plant("user_alice", count=3)
    call_command("set_api_key", "alice@example.com")
    assert ApiKey.objects.get().holds(KEY)
    assert capsys.readouterr().out == "Stored the key of alice@example.com ending in d-5e; it sees 3.\n"


def test_the_member_is_found_whatever_the_case(environment):
    call_command("set_api_key", "Alice@Example.COM")
    assert ApiKey.objects.exists()


def test_without_the_variable_it_asks(environment):
    environment.delenv("BIGDATA_API_KEY")
    environment.setattr(getpass, "getpass", lambda prompt: f" {KEY}\n")
    call_command("set_api_key", "alice@example.com")
    assert ApiKey.objects.get().holds(KEY)


def test_a_key_is_no_argument(environment):
    with pytest.raises(CommandError, match="unrecognized arguments"):
        call_command("set_api_key", "alice@example.com", KEY)


@pytest.mark.parametrize(
    ("value", "says"),
    [("sandbox-nobody-canary", re.escape(KeyRejected.default_message)), ("two canaries", "does not look like")],
)
def test_a_bad_key_stores_nothing_and_is_not_repeated(environment, capsys, caplog, value, says):
    caplog.set_level("DEBUG")
    environment.setenv("BIGDATA_API_KEY", value)
    before = everything_stored()
    with pytest.raises(CommandError, match=says) as refusal:
        call_command("set_api_key", "alice@example.com")
    assert value not in str(refusal.value) + caplog.text + "".join(capsys.readouterr())
    assert everything_stored() == before


def test_an_unknown_member_is_named(environment, sandbox):
    with pytest.raises(CommandError, match=r"no member nobody@example\.com"):
        call_command("set_api_key", "nobody@example.com")
    assert sandbox.requests == []
