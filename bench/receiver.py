"""A receiver of webhooks that writes down everything, answers badly now and then, and has its senders killed."""

import json
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from bench.processes import Workers

MOMENTS = ("before", "during", "after")
_REFUSED, _CUT, _SLOW = 0.01, 0.02, 0.12
_SLOW_SECONDS = 0.3


@dataclass(frozen=True)
class Request:
    """One that was read whole. `taken`: it was answered with 200."""

    path: str
    delivery: str
    signature: str
    body: bytes
    taken: bool

    @property
    def events(self) -> list[dict[str, Any]]:
        told: list[dict[str, Any]] = json.loads(self.body)["incidents"]
        return told


class Receiver:
    """`order` has the next sender killed at that moment: before its request is read, before it is answered, or
    right after the answer.
    """

    def __init__(self, *, seed: int) -> None:
        self.requests: list[Request] = []
        self.order = ""
        self.workers: Workers | None = None
        self.kills: list[str] = []
        self._chance = random.Random(seed)
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.receiver = self
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def listening(self) -> Iterator[None]:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        yield
        self._server.shutdown()

    def victim(self, moment: str, port: int) -> int | None:
        """The worker that sends from that port, if one is to be killed now."""
        with self._lock:
            if self.order != moment or self.workers is None:
                return None
            pid = self.workers.connected_from(port)
            if pid is not None:
                self.order = ""
            return pid

    def kill(self, pid: int, moment: str) -> None:
        assert self.workers is not None
        self.workers.kill(pid)
        self.kills.append(moment)

    def weather(self) -> str:
        with self._lock:
            chance = self._chance.random()
        return "refused" if chance < _REFUSED else "cut" if chance < _CUT else "slow" if chance < _SLOW else "good"

    def take(self, request: Request) -> None:
        with self._lock:
            self.requests.append(request)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    receiver: Receiver

    def handle_error(self, *_: Any) -> None:
        """A sender that was killed leaves a broken connection."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def handle(self) -> None:
        pid = self._victim("before")
        if pid is None:
            super().handle()
        else:
            self.server.receiver.kill(pid, "before")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if (pid := self._victim("during")) is not None:
            self._note(body, taken=False)
            self.server.receiver.kill(pid, "during")
            return
        weather = self.server.receiver.weather()
        pid = self._victim("after")
        if weather == "slow":
            time.sleep(_SLOW_SECONDS)
        self._note(body, taken=pid is not None or weather not in ("refused", "cut"))
        if pid is not None:
            self._answer(200)
            self.server.receiver.kill(pid, "after")
        elif weather != "cut":
            self._answer(503 if weather == "refused" else 200)

    def _victim(self, moment: str) -> int | None:
        return self.server.receiver.victim(moment, self.client_address[1])

    def _note(self, body: bytes, *, taken: bool) -> None:
        about = (self.path, self.headers["X-Event-Id"], self.headers["X-Signature"])
        self.server.receiver.take(Request(*about, body, taken))

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Every request is written down already."""
