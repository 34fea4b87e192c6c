"""HTTP: reads requests from a connection, and delivers answers the way they are to be delivered."""

import logging
import socket
import struct
from http.server import BaseHTTPRequestHandler
from itertools import cycle
from typing import TYPE_CHECKING, Any

from connectors_app.sandbox import control, routes
from connectors_app.sandbox.answers import Answer, RefusedError, Request, json_answer
from connectors_app.sandbox.mischief import Delivery, deliver
from connectors_app.sandbox.world import World

if TYPE_CHECKING:
    from connectors_app.sandbox.server import ConnectionServer

logger = logging.getLogger("connectors_app.sandbox")

LARGEST_BODY = 64 * 1024
LARGEST_CONTROL_BODY = 16 * 1024 * 1024
# How much of a refused body is read all the same: closing on unread bytes would reset the connection,
# and the client would never see the refusal.
DRAINED = 8 * 1024 * 1024
RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Handler(BaseHTTPRequestHandler):
    """One connection, kept alive. Every answer says `X-Sandbox: true`."""

    protocol_version = "HTTP/1.1"
    server_version = "BigdataSandbox"
    sys_version = ""
    disable_nagle_algorithm = True  # small answers must not wait for the client's acknowledgement
    wbufsize = -1  # buffered: headers and body leave together
    timeout = 120  # seconds that an idle connection is kept
    server: "ConnectionServer"

    def __getattr__(self, name: str) -> Any:
        """Take every method here, known or not: answering 405 is the sandbox's business."""
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    @property
    def world(self) -> World:
        """The sandbox that this connection leads to."""
        return self.server.world

    def end_headers(self) -> None:
        """Finish the headers with the mark that is on every answer."""
        self.send_header("X-Sandbox", "true")
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Log quietly, and never a header or a body."""
        logger.debug(format, *args)

    def _answer(self) -> None:
        try:
            request = self._read()
        except RefusedError as refused:
            self.close_connection = True
            self._send(refused.answer)
            return
        if request is None:
            self.close_connection = True
        elif request.path.startswith(control.ROOT):
            self._send(control.answer(self.world, request))
        else:
            self._deliver(self._decide(request))

    def _read(self) -> Request | None:
        """The whole request; None when the client went away in the middle of it."""
        path, _, query = self.path.partition("?")
        length = self._body_length()
        largest = LARGEST_CONTROL_BODY if path.startswith(control.ROOT) else LARGEST_BODY
        if length > largest:
            self.rfile.read(min(length, DRAINED))
            raise RefusedError(413, "The request body is too large")
        body = self.rfile.read(length)
        key = self.headers.get("X-API-KEY", "")
        request = Request(self.command, path, query, self.client_address[0], key, body)
        return request if len(body) == length else None

    def _body_length(self) -> int:
        if "Transfer-Encoding" in self.headers:
            raise RefusedError(411, "The request needs a Content-Length")
        text = self.headers.get("Content-Length", "0")
        if not (text.isascii() and text.isdigit() and len(text) < 16):
            raise RefusedError(400, "The Content-Length is not a number")
        return int(text)

    def _decide(self, request: Request) -> Delivery:
        """Let the sandbox answer, disturbed by a fault if there is one, and note it in the journal."""
        world = self.world
        era_over = world.era_over
        fault = world.faults.take(request)
        delivery = deliver(fault, lambda: self._carry_out(request), era_over.wait)
        if era_over.is_set():
            return delivery
        with world.store.transaction():
            person = world.store.person(request.api_key)
        world.journal.add(
            request,
            user_id=person.user_id if person else None,
            status=None if delivery.manner == "reset" else delivery.answer.status,
            fault=fault.fault if fault else None,
            at=world.clock.now(),
        )
        return delivery

    def _carry_out(self, request: Request) -> Answer:
        try:
            return routes.answer(self.world, request)
        except Exception:
            logger.exception("The sandbox itself failed")
            return json_answer(500, {"message": "Internal server error"})

    def _deliver(self, delivery: Delivery) -> None:
        match delivery.manner:
            case "whole":
                self._send(delivery.answer)
            case "reset":
                self._reset()
            case "cut":
                self._send(delivery.answer, cut=True)
            case _:
                self._send_for_ever(delivery)

    def _send(self, answer: Answer, *, cut: bool = False) -> None:
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        for name, value in answer.headers:
            self.send_header(name, value)
        self.close_connection = self.close_connection or cut
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body[: len(answer.body) // 2] if cut else answer.body)

    def _reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        self.close_connection = True

    def _send_for_ever(self, delivery: Delivery) -> None:
        """Send a body (or header lines) without end, until the client has had enough or the sandbox stops."""
        self.close_connection = True
        if delivery.manner == "drip-headers":
            start = b"HTTP/1.1 200 OK\r\nX-Sandbox: true\r\n"
            self._drip(start, b"X-Slow: " + b"." * 1000 + b"\r\n", delivery.pause)
            return
        self.send_response(delivery.answer.status)
        self.send_header("Content-Type", delivery.answer.content_type)
        self.send_header("Connection", "close")
        self.end_headers()
        if delivery.manner == "drip":
            self._drip(delivery.answer.body, b" ", delivery.pause)
        self.wfile.write(delivery.answer.body)
        while not self.world.stopping.is_set():
            self.wfile.write(b" " * 65536)

    def _drip(self, start: bytes, then: bytes, pause: float) -> None:
        for byte in start:
            self._drop(byte, pause)
        for byte in cycle(then):
            if self.world.stopping.is_set():
                return
            self._drop(byte, pause)

    def _drop(self, byte: int, pause: float) -> None:
        self.wfile.write(bytes((byte,)))
        self.wfile.flush()
        self.world.stopping.wait(pause)
