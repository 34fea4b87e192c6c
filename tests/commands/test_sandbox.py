"""`sandbox`: starts, says where, answers, keeps its state, and stops when told."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
import requests
from django.conf import settings

KEY = {"X-API-KEY": "sandbox-alice"}
INBOX = {"type": "email", "label": "Desk", "config": {"allowed_emails": ["a@example.com"]}}


@pytest.fixture
def start(tmp_path) -> Iterator[Callable[..., tuple[subprocess.Popen[str], str]]]:
    """Start the command on a free port; gives the process and its URL. Whatever still runs is ended."""

    def run(*arguments: str) -> tuple[subprocess.Popen[str], str]:
        command = [
            sys.executable,
            "manage.py",
            "sandbox",
            "--port",
            "0",
            "--state",
            str(tmp_path / "state"),
            *arguments,
        ]
        process = subprocess.Popen(
            command, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        started.append(process)
        return process, next(word for word in process.stdout.readline().split() if word.startswith("http"))

    started: list[subprocess.Popen[str]] = []
    yield run
    for process in started:
        process.kill()
        process.communicate(timeout=30)


def connectors(url):
    return requests.get(f"{url}/contents/v1/connectors", headers=KEY, timeout=10).json()["results"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_answers_on_this_machine_and_stops_when_told(start, number):
    process, url = start()
    assert url.startswith("http://127.0.0.1:")
    assert requests.get(url, timeout=10).headers["X-Sandbox"] == "true"
    process.send_signal(number)
    printed, errors = process.communicate(timeout=30)
    assert (process.returncode, printed, errors) == (0, "Sandbox stopped\n", "")


def test_what_was_created_is_there_after_a_restart(start):
    process, url = start("--quiet")
    requests.post(f"{url}/contents/v1/connectors", json=INBOX, headers=KEY, timeout=10).raise_for_status()
    process.terminate()
    process.wait(timeout=30)
    _, url = start("--quiet")
    assert [connector["label"] for connector in connectors(url)] == ["Desk"]


@pytest.mark.parametrize(("arguments", "activity"), [([], "lively"), (["--quiet"], "quiet")])
def test_it_is_as_lively_as_asked_for(start, arguments, activity):
    _, url = start(*arguments)
    assert requests.get(f"{url}/__sandbox__", timeout=10).json()["activity"] == activity


def test_the_published_limits_hold_where_asked_for(start):
    _, url = start("--limits")
    with requests.Session() as session:
        statuses = [
            session.get(f"{url}/contents/v1/connectors", headers=KEY, timeout=10).status_code for _ in range(1001)
        ]
    assert 429 in statuses


def test_a_port_that_is_taken_is_said(start, tmp_path):
    _, url = start()
    port = url.rpartition(":")[2]
    command = [sys.executable, "manage.py", "sandbox", "--port", port, "--state", str(tmp_path / "other")]
    second = subprocess.run(
        command, cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=60, check=False
    )
    assert second.returncode == 1
    assert f"Cannot listen on port {port}" in second.stderr
