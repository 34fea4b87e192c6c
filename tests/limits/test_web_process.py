"""What a web process of production does when it is pressed: gunicorn, with one worker of eight threads."""

import os
import queue
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest
import requests

from tests.bigdata.servers import Server
from tests.conftest import PASSWORD
from tests.serving import Serving, free_port, fresh_database, manage

CONNECTOR = "0e5a7f6e-3b1c-4c0e-9d53-0a4f1f1f0001"
SET_UP = f"""
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("create_organization", "Northwind Research")
call_command("create_member", "alice@example.com", organization="Northwind Research", role="analyst")
from django.utils import timezone
from connectors_app.models import ApiKey, Connector, Member, Sighting
alice, now = Member.objects.get(), timezone.now()
key = ApiKey(member=alice, organization=alice.organization)
key.seal("a-key-that-upstream-takes-its-time-with")
key.save()
connector = Connector.objects.create(
    organization=alice.organization, connector_id="{CONNECTOR}", type="email", label="Desk", share_with_org=True,
    bigdata_user_id="u", bigdata_org_id="o", created_at=now, updated_at=now, refreshed_at=now,
)
Sighting.objects.create(api_key=key, connector=connector)
"""
THREADS = 8


class Web:
    """The process, and Alice's browser, signed in."""

    def __init__(self, port: int) -> None:
        self.port, self.url = port, f"http://127.0.0.1:{port}"
        self.browser = requests.Session()
        login = f"{self.url}/account/login/"
        fields = {"csrfmiddlewaretoken": self.token("/account/login/"), "login": "alice@example.com"}
        self.browser.post(login, fields | {"password": PASSWORD}, headers={"Origin": self.url})

    def token(self, path: str) -> str:
        found = re.search(r'csrfmiddlewaretoken" value="(\w+)"', self.browser.get(self.url + path).text)
        assert found
        return found[1]

    def connect(self, data: bytes) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        connection.sendall(data)
        return connection

    def exchange(self, data: bytes) -> str:
        """Send bytes as they are; all that comes back."""
        with self.connect(data) as connection:
            pieces = iter(lambda: connection.recv(65536), b"")
            return b"".join(pieces).decode()


@pytest.fixture(scope="module")
def upstream() -> Iterator[Server]:
    """Takes every request and does not answer while the tests go on."""
    held: list[Server] = []
    held.append(Server(lambda *_: held[0].over.wait(120)))
    with closing(held[0]) as server:
        yield server


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory, worker_id: str, upstream: Server) -> Iterator[Web]:
    folder, port = tmp_path_factory.mktemp("web"), free_port()
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "dashboard.settings",
        "DATABASE_URL": fresh_database(folder, "pressed", worker_id),
        "REDIS_URL": "",
        "SITE_URL": f"http://127.0.0.1:{port}",
        "BIGDATA_API_BASE_URL": upstream.url,
        "BIGDATA_READ_TIMEOUT": "120",
        "BIGDATA_TOTAL_TIMEOUT": "120",
        "MEMBER_PASSWORD": PASSWORD,
        "WEB_CONCURRENCY": "1",
        "WEB_THREADS": str(THREADS),
        "WEB_CLIENT_TIMEOUT": "1",
    }
    manage("shell", "--no-imports", "-c", SET_UP, environment=environment)
    with ExitStack() as stack:
        log = stack.enter_context((folder / "web.log").open("w"))
        stack.enter_context(Serving(port, environment, log))
        yield Web(port)


def test_heads_that_are_too_large_or_make_no_sense_are_refused(web: Web) -> None:
    start = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
    sent = {
        "200": start + b"\r\n",
        "405": start.replace(b"GET", b"TRACE") + b"\r\n",
        "414": b"GET /?" + b"x" * 5000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        "431": start + b"X-Long: " + b"x" * 9000 + b"\r\n\r\n",
        "400": start.replace(b"GET", b"<script>") + b"\r\n",
    }
    answers = {status: web.exchange(data) for status, data in sent.items()}
    assert {status: answer.split()[1] for status, answer in answers.items()} == {status: status for status in sent}
    many = start + b"".join(b"X-%d: y\r\n" % number for number in range(61)) + b"\r\n"
    assert web.exchange(many).split()[1] == "431"
    assert "<script>" not in answers["400"]
    heads = [answer.partition("\r\n\r\n")[0] for answer in answers.values()]
    assert not re.search(r"(?im)^(server|x-powered-by):.*\d", "\n".join(heads))


def test_a_forwarded_scheme_is_not_believed_without_a_proxy_of_ours(web: Web) -> None:
    """Over https a form without an Origin needs a Referer; this one came over http and needs none."""
    form = {"csrfmiddlewaretoken": web.token("/keys/"), "theme": "dark"}
    answer = web.browser.post(
        f"{web.url}/theme/", form, headers={"X-Forwarded-Proto": "https"}, allow_redirects=False
    )
    assert answer.status_code == 302
    assert "secure" not in answer.headers["Set-Cookie"].lower()


def test_a_large_body_is_refused_without_being_read(web: Web) -> None:
    head = b"POST /account/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
    answer = web.exchange(head % 10**12 + b"x" * 1000)
    assert answer.split()[1] == "413"
    assert "That was too much at once" in answer


def test_clients_that_stop_halfway_do_not_keep_all_threads(web: Web) -> None:
    with ExitStack() as stack:
        for _ in range(2 * THREADS):
            stack.enter_context(web.connect(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "))
        assert web.browser.get(f"{web.url}/healthz", timeout=60).status_code == 200


def test_many_live_refreshes_leave_threads_for_pages(web: Web, upstream: Server) -> None:
    """Those that find no slot say so at once, while upstream keeps the others waiting."""
    headers = {"HX-Request": "true", "X-CSRFToken": web.token("/keys/"), "Cookie": cookies_of(web)}
    url, answers = f"{web.url}/connectors/{CONNECTOR}/refresh/", queue.SimpleQueue[Any]()

    def refresh() -> None:
        answers.put(requests.post(url, headers=headers, timeout=180))

    refreshing = [threading.Thread(target=refresh) for _ in range(32)]
    for thread in refreshing:
        thread.start()
    turned_away = [answers.get(timeout=60) for _ in range(29)]
    assert {answer.status_code for answer in turned_away} == {200}
    assert all("busy" in answer.text and "Showing what was known" in answer.text for answer in turned_away)
    assert web.browser.get(f"{web.url}/connectors/", timeout=60).status_code == 200
    assert (answers.empty(), len(upstream.requests)) == (True, 3)
    upstream.close()
    for thread in refreshing:
        thread.join()


def cookies_of(web: Web) -> str:
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in web.browser.cookies)
