"""A moment by which a whole call must be over, and the sockets that keep to it.

requests and urllib3 only limit the wait for each single read, so an answer that drips byte by byte never
ends. Here every connect, send and read of the socket is given what is left of the call's time, for http and
https, new and reused connections alike. Not covered: the name lookup, which the system's resolver limits.
"""

import http.client
import io
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


class Deadline:
    """The moment `seconds` from now, on the monotonic clock."""

    __slots__ = ("_end",)

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def remaining(self) -> float:
        """Return the seconds that are left; negative when it has passed."""
        return self._end - time.monotonic()

    def limit(self, seconds: float) -> float:
        """Return `seconds` or what is left, whichever is less. TimeoutError when nothing is left."""
        left = self.remaining()
        if left <= 0:
            raise TimeoutError("the call's total time is used up")
        return min(seconds, left)


@dataclass(slots=True)
class Attempt:
    """One request on its way. `sent`: False while connecting, True once a byte of it may have gone out.

    None means that no connection of ours was asked for, so nothing can be said.
    """

    deadline: Deadline
    sent: bool | None = None


_current: ContextVar[Attempt] = ContextVar("http_attempt")


@contextmanager
def attempting(deadline: Deadline) -> Iterator[Attempt]:
    """Make everything that this thread's connections do inside the block keep to `deadline`."""
    attempt = Attempt(deadline)
    token = _current.set(attempt)
    try:
        yield attempt
    finally:
        _current.reset(token)


class _Reader(io.RawIOBase):
    """Reads a socket, each time with at most what is left of the call's time."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket, deadline: Deadline, patience: float) -> None:
        self._raw, self._sock, self._deadline, self._patience = raw, sock, deadline, patience

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(self._deadline.limit(self._patience))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    """An answer whose status line, headers and body are all read against the deadline."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        deadline = _current.get().deadline
        patience = sock.gettimeout() or deadline.remaining()
        self.fp = io.BufferedReader(_Reader(self.fp.detach(), sock, deadline, patience))


class _KeepsDeadline(HTTPConnection):
    """Connects and sends against the deadline, and notes when the request starts to go out."""

    response_class = _Response

    def _new_conn(self) -> socket.socket:
        attempt = _current.get()
        attempt.sent = False
        patience = self.timeout or attempt.deadline.remaining()
        self.timeout = attempt.deadline.limit(patience)
        sock = super()._new_conn()
        sock.settimeout(attempt.deadline.limit(patience))  # for the TLS handshake that may follow
        return sock

    def request(self, *args: Any, **kwargs: Any) -> None:
        attempt = _current.get()
        if self.sock is None:  # http connects only now, https did so before
            self.connect()
        self.timeout = attempt.deadline.limit(self.timeout or attempt.deadline.remaining())
        attempt.sent = True
        super().request(*args, **kwargs)


class _HTTPSKeepsDeadline(_KeepsDeadline, HTTPSConnection):
    """The same over TLS."""


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _KeepsDeadline


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _HTTPSKeepsDeadline


_POOLS = {"http": _HTTPPool, "https": _HTTPSPool}


class DeadlineAdapter(HTTPAdapter):
    """A requests adapter whose connections, direct or through an HTTP proxy, keep to the deadline."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools of direct connections; called by requests."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """Return the pools of connections through `proxy`; called by requests."""
        manager = super().proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = _POOLS
        return manager
