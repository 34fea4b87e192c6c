"""`seed_demo`: a demo organization, only ever on a sandbox of this machine."""

import socket

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from connectors_app.models import ApiKey, Member, Organization
from tests.stored import everything_stored

PASSWORD = "demo password for tests"
SIGN_INS = {
    "alice@demo.example": "analyst",
    "bob@demo.example": "analyst",
    "adam@demo.example": "admin",
    "sam@demo.example": "support",
}

pytestmark = pytest.mark.django_db


@pytest.fixture
def password(monkeypatch):
    monkeypatch.setenv("DEMO_PASSWORD", PASSWORD)
    return monkeypatch


def can_sign_in(password):
    client = Client()
    client.post("/account/login/", {"login": "alice@demo.example", "password": password})
    return client.get("/").status_code == 200


def test_the_cast_is_there_with_keys_and_can_sign_in(password, sandbox, capsys):
    call_command("seed_demo")
    assert dict(Member.objects.values_list("email", "role")) == SIGN_INS
    assert ApiKey.objects.filter(status="working", answered_by_sandbox=True).count() == 4
    assert can_sign_in(PASSWORD)
    printed = capsys.readouterr().out
    assert all(email in printed for email in (*SIGN_INS, PASSWORD))


def test_a_second_run_keeps_everything_and_asks_nothing(password, sandbox):
    call_command("seed_demo")
    sandbox.clear_requests()
    before = everything_stored()
    call_command("seed_demo")
    assert everything_stored() == before
    assert sandbox.requests == []


def test_a_new_password_replaces_the_old(password, sandbox):
    call_command("seed_demo")
    password.setenv("DEMO_PASSWORD", "another demo password")
    call_command("seed_demo")
    assert can_sign_in("another demo password")
    assert not can_sign_in(PASSWORD)


def test_without_a_password_one_is_made_up_and_printed(monkeypatch, sandbox, capsys):
    monkeypatch.delenv("DEMO_PASSWORD", raising=False)
    call_command("seed_demo")
    printed = capsys.readouterr().out
    assert can_sign_in(printed.partition("password: ")[2].partition(")")[0])


def test_only_the_missing_keys_are_added(password, sandbox):
    call_command("seed_demo")
    ApiKey.objects.filter(member__email="bob@demo.example").delete()
    sandbox.clear_requests()
    call_command("seed_demo")
    assert [call["user_id"] for call in sandbox.requests] == ["user_bob"]


@pytest.mark.parametrize(
    "url", ["https://api.bigdata.com", "http://127.0.0.1", "https://127.0.0.1.evil.example:8900"]
)
def test_nothing_is_made_where_upstream_is_not_on_this_machine(settings, url, capsys):
    settings.BIGDATA_API_BASE_URL = url
    call_command("seed_demo")
    assert not Organization.objects.exists()
    assert "No demo" in capsys.readouterr().out


def test_where_no_sandbox_runs_one_is_started_for_the_moment(password, settings, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    settings.BIGDATA_API_BASE_URL = f"http://127.0.0.1:{port}"
    settings.VAR_DIR = tmp_path
    call_command("seed_demo")
    assert ApiKey.objects.count() == 4
    assert (tmp_path / "sandbox.sqlite3").exists()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_an_upstream_that_does_not_know_the_demo_keys_is_an_error(password, sandbox):
    sandbox.fault("listConnectors", "401", times=0)
    with pytest.raises(CommandError, match="did not take the demo key"):
        call_command("seed_demo")
    assert not ApiKey.objects.exists()
