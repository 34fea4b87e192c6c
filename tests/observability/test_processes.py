"""Real processes: gunicorn with two workers, and commands beside it; what they log, count and report."""

import json
import os
import re
from pathlib import Path

import brotli
import pytest
import requests

from connectors_app.sandbox import SandboxServer
from tests.bigdata.servers import Server
from tests.conftest import PASSWORD
from tests.serving import Serving, free_port, fresh_database, manage

CANARIES = {
    "password": "canary-31d6-pass phrase",
    "api_key": "canary-9e41-key",
    "user_password": "canary-0cc7-'\"<é",
    "session_id": "canary-77ab-session",
    "url": "https://hooks.example.com/canary-55aa/services",
    "code": "canary-1212",
    "in_hand": "canary-4242-in-hand",
    "plain": "nothing to hide",
}
HEADERS = {"Authorization": "Bearer canary-8844-bearer", "X-API-KEY": "canary-9955-header"}
COOKIES = {"sessionid": "canary-6633-session-cookie", "csrftoken": "canary-2211-csrf-token-of-32"}
LINK = "/invitations/canary-1199-link-of-one-time/"
SET_UP = """
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("create_organization", "Northwind")
call_command("create_member", "alice@example.com", organization="Northwind", role="analyst")
"""


class Dashboard:
    """Two web processes, what they wrote to the log, and what was reported to where SENTRY_DSN says."""

    def __init__(self, url, log, reports, environment):
        self.url, self.log, self._reports, self.environment = url, log, reports, environment

    def lines(self):
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def metrics(self):
        answer = requests.get(f"{self.url}/metrics", headers={"Authorization": "Bearer t-o-k-e-n"}, timeout=10)
        assert answer.status_code == 200
        return answer.text

    def reports(self):
        """What was sent, unpacked."""
        bodies = [request.partition(b"\r\n\r\n") for request in self._reports.requests]
        return [head.decode() + brotli.decompress(body).decode() for head, _, body in bodies]


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory, worker_id):
    folder, port = tmp_path_factory.mktemp("observed"), free_port()
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
    reports = Server(lambda connection, _: connection.sendall(answer))
    with SandboxServer(activity="quiet") as sandbox:
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.observability.settings_of_processes",
            "DATABASE_URL": fresh_database(folder, "observed", worker_id),
            "QUEUE_FILE": str(folder / "queue.sqlite3"),
            "BIGDATA_API_BASE_URL": sandbox.url,
            "SITE_URL": f"http://127.0.0.1:{port}",
            "MEMBER_PASSWORD": PASSWORD,
            "METRICS_DIR": str(folder / "metrics"),
            "METRICS_TOKEN": "t-o-k-e-n",
            "SENTRY_DSN": reports.url.replace("://", "://public@") + "/1",
            "LOG_FORMAT": "json",
            "WEB_CONCURRENCY": "2",
        }
        manage("shell", "--no-imports", "-c", SET_UP, environment=environment)
        log = folder / "web.log"
        with log.open("w") as written, Serving(port, environment, written):
            yield Dashboard(f"http://127.0.0.1:{port}", log, reports, environment)
    reports.close()


def provoke(dashboard):
    """Every secret in every place, and a view that tells all of them as it fails."""
    options = {"headers": HEADERS, "cookies": COOKIES}
    for path in ("/fail/?token=canary-3131-query", "/fail/canary-1414-in-path-of-a-link/"):
        answer = requests.post(dashboard.url + path, CANARIES, **options, timeout=10)
        assert answer.status_code == 500
        assert "canary" not in answer.text
    for path in (LINK, "/keys/?q=canary-5656"):
        requests.get(dashboard.url + path, **options, timeout=10)
        requests.post(dashboard.url + path, CANARIES, **options, timeout=10)
    requests.post(f"{dashboard.url}/account/login/", CANARIES, **options, timeout=10)
    return answer.headers["X-Request-ID"]


def test_09_no_canary_is_in_the_log_the_measurements_or_a_report(dashboard):
    request_id = provoke(dashboard)
    log, reports = dashboard.log.read_text(), dashboard.reports()
    assert request_id in log
    assert any(request_id in report for report in reports)
    assert "nothing to hide" in log  # The positive controls: what is no secret arrives.
    assert any("nothing to hide" in report for report in reports)
    for text in (log, dashboard.metrics(), *reports):
        assert re.findall(".{60}canary.{60}", text, re.IGNORECASE) == []
        assert "canary" not in text.lower()


def test_every_line_is_json_gunicorn_s_own_as_well(dashboard):
    lines = dashboard.lines()
    assert {"gunicorn.error", "connectors_app.access"} <= {line["logger"] for line in lines}
    assert all({"time", "level", "logger", "message"} <= set(line) for line in lines)


def test_each_line_of_a_request_has_its_id(dashboard):
    request_id = provoke(dashboard)
    about_it = [line for line in dashboard.lines() if line.get("request_id") == request_id]
    assert {"somebody.careless", "django.request", "connectors_app.access"} <= {
        line["logger"] for line in about_it
    }


def test_a_report_holds_no_variables_no_request_and_no_address(dashboard):
    provoke(dashboard)
    [*_, last] = [report for report in dashboard.reports() if "RuntimeError" in report]
    event = json.loads(last.splitlines()[-1])
    assert event["request"] == {"method": "POST"}
    assert not {"user", "server_name", "extra", "modules"} & set(event)
    frames = event["exception"]["values"][-1]["stacktrace"]["frames"]
    assert frames[-1]["function"] == "fail"
    assert not any("vars" in frame for frame in frames)


def counted(text, name, **labels):
    wanted = [f'{key}="{value}"' for key, value in labels.items()]
    found = [line for line in text.splitlines() if line.startswith(name + "{") and all(w in line for w in wanted)]
    return sum(float(line.rpartition(" ")[2]) for line in found)


def test_what_all_processes_count_is_added_up(dashboard):
    health = {"route": "/healthz", "status": "2xx"}
    before = counted(dashboard.metrics(), "dashboard_request_seconds_count", **health)
    for _ in range(40):
        requests.get(f"{dashboard.url}/healthz", timeout=10)
    asked = [counted(dashboard.metrics(), "dashboard_request_seconds_count", **health) for _ in range(6)]
    assert asked == [before + 40] * 6
    workers = {line["message"] for line in dashboard.lines() if "Booting worker" in line["message"]}
    assert len(workers) >= 2


def test_what_ended_processes_counted_stays_and_their_files_are_taken_over(dashboard):
    call = {"operation": "listConnectors", "outcome": "ok"}
    key = dashboard.environment | {"BIGDATA_API_KEY": "sandbox-alice"}
    before, files = counted(dashboard.metrics(), "dashboard_upstream_seconds_count", **call), []
    for times in (1, 2, 3):
        manage("set_api_key", "alice@example.com", environment=key)
        now = counted(dashboard.metrics(), "dashboard_upstream_seconds_count", **call)
        assert now == before + times
        files.append(sorted(Path(dashboard.environment["METRICS_DIR"]).iterdir()))
    assert files[0] == files[1] == files[2]
