"""A worker that is told to stop (SIGTERM, as every deployment does) ends what it is at; the next goes on."""

import json
import os
import subprocess
import sys
from threading import Event

import pytest
from django.conf import settings

from tests.bigdata.servers import Server
from tests.polling.conftest import as_json, connector_json
from tests.serving import ROOT, fresh_database

SET_UP = """
from django.core.management import call_command
from connectors_app.models import ApiKey, Member, Organization
call_command("migrate", verbosity=0)
organization = Organization.objects.create(name="Northwind Research")
for name in ("alice", "bob"):
    member = Member.objects.create_member(email=f"{name}@example.com", organization=organization, role="analyst")
    api_key = ApiKey(member=member, organization=organization)
    api_key.seal(f"key-of-{name}")
    api_key.save()
"""
LOOK = """
import json
from connectors_app.models import ApiKey, Connector
keys = ApiKey.objects.order_by("last_polled_at")
print(json.dumps([[bool(key.last_polled_at), key.lease_until is None] for key in keys]))
print(Connector.objects.count())
"""


class SlowUpstream:
    """Answers the list when it is told to."""

    def __init__(self) -> None:
        self.asked, self.may_answer, self.requests = Event(), Event(), 0
        self.server = Server(self._answer)

    def _answer(self, connection, request):
        self.requests += 1
        self.asked.set()
        assert self.may_answer.wait(60)
        body = as_json([connector_json()])
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall((head + body).encode())


@pytest.fixture
def upstream():
    upstream = SlowUpstream()
    yield upstream
    upstream.may_answer.set()
    upstream.server.close()


@pytest.fixture
def environment(upstream, tmp_path, worker_id):
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.polling.talkative_settings",
        "DATABASE_URL": fresh_database(tmp_path, "stopping", worker_id),
        "REDIS_URL": settings.REDIS_URL,
        "QUEUE_FILE": str(tmp_path / "queue.sqlite3"),
        "BIGDATA_API_BASE_URL": upstream.server.url,
        "BIGDATA_READ_TIMEOUT": "60",
        "BIGDATA_TOTAL_TIMEOUT": "60",
        "WORKER_THREADS": "1",
    }


def run(script, environment):
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", script]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout


def stop_in_the_middle(upstream, environment):
    """Start a worker, tell it to stop while it waits for an answer, and let the answer come only then."""
    command = [sys.executable, "manage.py", "run_huey"]
    worker = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)
    try:
        assert upstream.asked.wait(60)
        worker.terminate()
        # "Shutting down gracefully", or the end of what it has to say.
        next((line for line in worker.stderr if "gracefully" in line), None)
        upstream.may_answer.set()
        assert worker.wait(60) == 0
    finally:
        worker.kill()
        worker.wait()
        worker.stderr.close()


def test_a_worker_that_is_stopped_ends_its_task_and_the_next_one_goes_on(upstream, environment):
    run(SET_UP, environment)
    stop_in_the_middle(upstream, environment)
    keys, connectors = run(LOOK, environment).splitlines()
    polled = [key for key in json.loads(keys) if key[0]]
    assert (polled, connectors, upstream.requests) == ([[True, True]], "1", 1)
    upstream.asked.clear()
    stop_in_the_middle(upstream, environment)
    keys, connectors = run(LOOK, environment).splitlines()
    assert (json.loads(keys), connectors, upstream.requests) == ([[True, True]] * 2, "2", 2)
