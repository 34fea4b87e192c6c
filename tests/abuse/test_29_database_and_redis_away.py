"""29: the database locked or full, Redis or PostgreSQL away or restarted: a clear error, nothing half-written, no
limit that lets everybody through."""

import sqlite3
import subprocess
import time
from contextlib import contextmanager
from itertools import count

import psycopg
import pytest
from django.core.cache import cache
from django.db import DatabaseError, OperationalError, close_old_connections, connection
from django.test import Client

from connectors_app.models import AuditEntry, Connector, Operation, Sighting, SyncRun
from connectors_app.services import polling
from tests.account.signing_in import guess, is_signed_in, sign_in
from tests.commands.conftest import database
from tests.connectors.stage import filled, send
from tests.serving import free_port

__all__ = ["database"]
PAGES = ["/", "/connectors/", "/errors/", "/alerts/", "/keys/", "/account/"]


class OnAFile:
    """The whole test on a database file, so that somebody else can be in its way."""

    @pytest.fixture
    def db(self, database):
        return database

    @pytest.fixture
    def desk(self, desk):
        desk.raise_request_exception = False
        return desk


def is_clear(answer):
    return (answer.status_code, "Not possible right now" in answer.content.decode()) == (503, True)


class TestLocked(OnAFile):
    @pytest.fixture
    def locked(self, desk, database):
        """Somebody else writes and does not come to an end."""
        Connector.objects.count()
        other = sqlite3.connect(database)
        other.execute("BEGIN IMMEDIATE")
        yield other
        other.close()

    def test_29_pages_can_still_be_read(self, desk, locked):
        assert [desk.get(page).status_code for page in PAGES] == [200] * len(PAGES)

    def test_29_a_change_is_refused_before_anything_is_sent_and_counts_once_afterwards(
        self, desk, locked, sandbox
    ):
        form = filled()
        answer = send(desk, form)
        assert is_clear(answer)
        assert answer.headers["Retry-After"] == "30"
        assert sandbox.requests == []
        locked.close()
        assert not Operation.objects.exists()
        assert [send(desk, form).status_code for _ in range(2)] == [302, 302]
        assert Connector.objects.count() == 1

    def test_29_no_password_is_tried_while_no_attempt_can_be_counted(self, locked, alice):
        visitor = Client(raise_request_exception=False)
        assert is_clear(sign_in(visitor))
        assert is_clear(sign_in(visitor, password="wrong"))
        locked.close()
        assert not is_signed_in(visitor)

    def test_29_the_limits_of_requests_do_not_fail_open(self, desk, locked, sandbox, alice):
        for _ in range(3):
            with pytest.raises(OperationalError):
                polling.poll(alice.api_key.pk)
        assert len(sandbox.requests) <= 3  # What a tick had taken out of the limits already.
        sandbox.clear_requests()
        assert is_clear(desk.post("/refresh/"))
        assert sandbox.requests == []


class TestFull(OnAFile):
    @pytest.fixture
    def full(self, desk):
        """Not a page more than the database has now, and these are used up."""
        self.make_room(0)
        with connection.cursor() as cursor:
            for size in (3000, 300, 30):
                self.fill(cursor, size)

    def fill(self, cursor, size):
        try:
            for number in count():  # Other tests may have left room in the file.
                values = [f"{size} {number}", "x" * size, "2000-01-01"]
                cursor.execute("INSERT INTO cache (cache_key, value, expires) VALUES (%s, %s, %s)", values)
        except DatabaseError:
            return

    def make_room(self, pages):
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA page_count")
            [(used,)] = cursor.fetchall()
            cursor.execute(f"PRAGMA max_page_count = {used + pages}")

    def test_29_an_answer_that_does_not_fit_is_taken_in_later_and_whole(self, desk, full, sandbox, alice):
        """At whatever point the room ends."""
        sandbox.plant("user_alice", count=200)
        refused = 0
        for room in (0, 30, 60, 90, 1000):
            self.make_room(room)
            try:
                assert polling.poll(alice.api_key.pk)
            except OperationalError:
                refused += 1
                assert [model.objects.count() for model in (Connector, Sighting, SyncRun)] == [0, 0, 0]
        assert refused >= 2
        assert [model.objects.count() for model in (Connector, Sighting)] == [200, 200]

    def test_29_pages_can_still_be_read(self, desk, full):
        assert [desk.get(page).status_code for page in PAGES] == [200] * len(PAGES)

    def test_29_no_password_is_tried_while_no_attempt_can_be_counted(self, full, alice):
        visitor = Client(raise_request_exception=False)
        assert is_clear(sign_in(visitor))
        assert is_clear(sign_in(visitor, password="wrong"))
        self.make_room(1000)
        assert not is_signed_in(visitor)
        assert not AuditEntry.objects.filter(action__startswith="sign_in").exists()

    def test_29_what_the_cache_cannot_keep_is_an_error(self, full):
        """Django's own says nothing: a count would stay what it was, for ever."""
        with pytest.raises(OperationalError):
            cache.set("attempts", "x" * 100)


class TestRedis:
    @pytest.fixture
    def redis(self, settings, tmp_path):
        """Starts and stops a Redis of its own, in which attempts are counted."""
        port = free_port()
        location = f"redis://127.0.0.1:{port}/0"
        settings.CACHES = {
            **settings.CACHES,
            "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": location},
        }

        @contextmanager
        def running():
            command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
            command += ["--appendonly", "yes", "--appendfsync", "always", "--dir", str(tmp_path)]
            server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
            try:
                wait_for(cache)
                yield
            finally:
                server.terminate()
                server.wait()

        return running

    def test_29_nobody_gets_in_while_redis_is_away_and_its_counts_are_there_again_afterwards(
        self, redis, alice, signed_in
    ):
        visitor = Client(raise_request_exception=False)
        with redis():
            guess(5, address="192.0.2.66")
        assert is_clear(sign_in(visitor, address="192.0.2.1"))
        assert is_clear(sign_in(visitor, password="wrong", address="192.0.2.66"))
        assert not is_signed_in(visitor)
        assert [signed_in(alice).get(page).status_code for page in PAGES] == [200] * len(PAGES)
        with redis():
            assert sign_in(visitor, address="192.0.2.66").status_code == 429
            assert sign_in(visitor, address="192.0.2.1").status_code == 302


def wait_for(server):
    for _ in range(200):
        try:
            server.get("x")
        except Exception:  # noqa: BLE001  (it is not up yet)
            time.sleep(0.05)
        else:
            return
    pytest.fail("The Redis of this test did not start.")


@pytest.mark.django_db(transaction=True)
class TestPostgresql:
    """A restart of the server, as a connection sees it: it is gone."""

    @pytest.fixture(autouse=True)
    def _on_postgresql(self):
        if connection.vendor != "postgresql":
            pytest.skip("TEST_DATABASE_URL is not set.")
        yield
        close_old_connections()

    def cut(self):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            [(pid,)] = cursor.fetchall()
        with psycopg.connect(dbname=connection.settings_dict["NAME"]) as other:
            other.execute("SELECT pg_terminate_backend(%s)", [pid])

    def test_29_a_page_says_so_and_the_next_one_is_there(self, desk):
        desk.raise_request_exception = False
        self.cut()
        assert is_clear(desk.get("/connectors/"))
        close_old_connections()  # As Django does between requests.
        assert desk.get("/connectors/").status_code == 200

    def test_29_what_was_under_way_is_undone_and_done_whole_afterwards(self, alice_with_key, sandbox):
        def cut_at_the_sighting(execute, sql, params, many, context):
            if sql.startswith('INSERT INTO "connectors_app_sighting"'):
                self.cut()
            return execute(sql, params, many, context)

        sandbox.plant("user_alice", count=3)
        with connection.execute_wrapper(cut_at_the_sighting), pytest.raises(OperationalError):
            polling.poll(alice_with_key.api_key.pk)
        close_old_connections()
        assert not Connector.objects.exists()
        assert polling.poll(alice_with_key.api_key.pk)
        assert Connector.objects.count() == Sighting.objects.count() == 3
