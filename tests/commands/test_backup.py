"""`backup` and `restore`: all of it comes back, or nothing is changed."""

import shutil
import sqlite3
import stat
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.db.backends.postgresql.base import DatabaseWrapper as OnPostgresql
from django.test import Client
from django.utils import timezone

from connectors_app.choices import AuditAction
from connectors_app.models import Connector, Member, Upstream
from connectors_app.services import audit, polling
from tests.conftest import PASSWORD


@pytest.fixture
def db(database):
    """Everybody is in the file."""


@pytest.fixture
def seeded(database, sandbox, with_key, alice, adam):
    """Connectors, a trail, and people who are signed in."""
    sandbox.plant("user_alice", count=30)
    assert polling.poll(with_key(alice).api_key.pk)
    for number in range(5):
        audit.record(AuditAction.KEY_ADDED, organization=adam.organization, actor=adam, details={"n": number})
    return database


@pytest.fixture
def saved(seeded, tmp_path):
    call_command("backup", str(tmp_path / "saved"))
    return tmp_path / "saved"


def exports(signed_in, member):
    client = signed_in(member)
    return [client.get(path).getvalue() for path in ("/audit/export.csv", "/connectors/export.csv")]


def wipe(database):
    connection.close()
    for file in database.parent.glob(f"{database.name}*"):
        file.unlink()


def refused(command, file, *options):
    with pytest.raises(CommandError) as refusal:
        call_command(command, str(file), *options)
    return str(refusal.value)


def left_beside(database):
    """Files that are neither the database, nor SQLite's own, nor what a test made."""
    own = {database.name + suffix for suffix in ("", "-wal", "-shm")}
    return sorted(file.name for file in database.parent.iterdir() if file.name not in own | {"saved", "bad"})


def test_what_was_wiped_comes_back_to_the_byte(saved, seeded, signed_in, adam):
    before = exports(signed_in, adam)
    assert [len(export.splitlines()) for export in before] == [7, 31]
    wipe(seeded)
    call_command("restore", str(saved))
    assert exports(signed_in, adam) == before
    call_command("verify_audit")
    assert left_beside(seeded) == []


def test_what_came_after_the_backup_is_gone_and_kept_beside(saved, seeded, signed_in, adam):
    before = exports(signed_in, adam)
    Connector.objects.all().delete()
    call_command("restore", str(saved))
    assert exports(signed_in, adam) == before
    [kept] = seeded.parent.glob("*.before-restore-*")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    call_command("restore", str(kept))
    assert not Connector.objects.exists()


def test_a_damaged_database_is_moved_aside(saved, seeded, signed_in, adam):
    before = exports(signed_in, adam)
    wipe(seeded)
    seeded.write_bytes(b"SQLite format 3\0" + b"?" * 9000)
    call_command("restore", str(saved))
    assert exports(signed_in, adam) == before
    [kept] = seeded.parent.glob("*.before-restore-*")
    assert kept.read_bytes().endswith(b"???")


def test_a_session_that_was_ended_since_does_not_come_back(database, tmp_path, alice):
    client = Client()
    client.post("/account/login/", {"login": alice.email, "password": PASSWORD})
    assert client.get("/").status_code == 200
    call_command("backup", str(tmp_path / "saved"))
    stolen = client.cookies["sessionid"].value
    client.post("/account/logout/")
    call_command("restore", str(tmp_path / "saved"))
    client.cookies["sessionid"] = stolen
    assert client.get("/").status_code == 302


def test_a_backup_is_one_file_for_its_owner_alone(saved):
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600
    assert saved.read_bytes()[18:20] == b"\1\1"  # No log beside it belongs to it.


def test_a_backup_is_made_while_others_write(seeded, tmp_path):
    """Somebody is in the middle of a change: it waits for nobody, and what is not done is not in it."""
    other = sqlite3.connect(seeded)
    other.execute("BEGIN IMMEDIATE")
    other.execute("DELETE FROM connectors_app_sighting")
    call_command("backup", str(tmp_path / "saved"))
    other.close()
    copy = sqlite3.connect(tmp_path / "saved")
    assert copy.execute("SELECT COUNT(*) FROM connectors_app_sighting").fetchone() == (30,)
    copy.close()


def test_a_file_that_is_there_is_overwritten_only_by_force(saved):
    saved.write_text("precious")
    assert "--force" in refused("backup", saved)
    assert saved.read_text() == "precious"
    call_command("backup", str(saved), "--force")
    call_command("restore", str(saved))


def test_a_folder_that_is_not_there_is_said(database, tmp_path):
    assert "Nothing can be written" in refused("backup", tmp_path / "nowhere" / "saved")


def test_while_a_worker_runs_nothing_is_restored_but_by_force(saved, seeded):
    polling.tick(now=timezone.now())
    Member.objects.update(time_zone="Asia/Tokyo")
    assert "Stop web and worker" in refused("restore", saved)
    assert Member.objects.filter(time_zone="Asia/Tokyo").exists()
    call_command("restore", str(saved), "--force")
    assert not Member.objects.filter(time_zone="Asia/Tokyo").exists()


def test_a_worker_that_stopped_a_minute_ago_is_no_hindrance(saved, seeded):
    polling.tick(now=timezone.now())
    Upstream.objects.update(ticked_at=timezone.now() - timedelta(minutes=2))
    call_command("restore", str(saved))


def nothing(bad):
    bad.unlink()


def empty(bad):
    bad.write_bytes(b"")


def text(bad):
    bad.write_text("id;name\n1;Northwind\n")


def cut_short(bad):
    bad.write_bytes(bad.read_bytes()[: -4096 * 10])


def cut_to_its_head(bad):
    bad.write_bytes(bad.read_bytes()[:100])


def scribbled_over(bad):
    content = bytearray(bad.read_bytes())
    content[4096 * 5 : 4096 * 30] = b"\xaa" * 4096 * 25
    bad.write_bytes(content)


def of_something_else(bad):
    bad.unlink()
    run(bad, "CREATE TABLE django_migrations (app TEXT, name TEXT)")


def of_a_newer_version(bad):
    run(bad, "INSERT INTO django_migrations (app, name, applied) VALUES ('connectors_app', '9999_later', 0)")


def without_rows_that_others_need(bad):
    run(bad, "DELETE FROM connectors_app_member")


def without_its_log(bad):
    bad.with_name("bad-wal").write_bytes(b"x")


def run(file, sql):
    with sqlite3.connect(file) as database:
        database.execute(sql)
    database.close()


BAD = {
    nothing: "cannot be read",
    empty: "no SQLite database",
    text: "no SQLite database",
    cut_short: "damaged",
    cut_to_its_head: "damaged",
    scribbled_over: "damaged",
    of_something_else: "something else",
    of_a_newer_version: "newer version than this one, which does not know connectors_app.9999_later",
    without_rows_that_others_need: "rows are missing",
    without_its_log: "not whole",
}


@pytest.mark.parametrize(("spoil", "says"), BAD.items(), ids=[spoil.__name__ for spoil in BAD])
def test_a_bad_file_is_refused_and_nothing_changed(saved, seeded, signed_in, adam, spoil, says):
    bad = shutil.copy(saved, saved.with_name("bad"))
    spoil(bad)
    content = seeded.read_bytes()
    assert says in refused("restore", bad)
    assert seeded.read_bytes() == content
    assert Connector.objects.count() == 30
    assert set(left_beside(seeded)) <= {"bad-wal"}


def test_a_restore_waits_for_no_lock_and_changes_nothing(saved, seeded):
    other = sqlite3.connect(seeded)
    other.execute("BEGIN IMMEDIATE")
    Member.objects.count()
    assert "locked by somebody else" in refused("restore", saved)
    other.close()
    assert Connector.objects.count() == 30


@pytest.mark.parametrize(("command", "tool"), [("backup", "pg_dump"), ("restore", "pg_restore")])
def test_on_postgresql_its_own_tools_are_named(command, tool, tmp_path):
    before = connections["default"]
    connections["default"] = OnPostgresql({**before.settings_dict, "NAME": "nowhere"}, "default")
    try:
        assert tool in refused(command, tmp_path / "saved")
    finally:
        connections["default"] = before
