"""The sandbox as a server on this machine."""

import socket
import sys
import threading
from http.server import ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from connectors_app.sandbox import planting
from connectors_app.sandbox.answers import Json
from connectors_app.sandbox.handler import Handler
from connectors_app.sandbox.world import World

HOST = "127.0.0.1"
Activity = Literal["lively", "quiet"]
Connection = socket.socket | tuple[bytes, socket.socket]


class ConnectionServer(ThreadingHTTPServer):
    """A thread per connection, all of which can be ended."""

    request_queue_size = 256

    def __init__(self, port: int, world: World) -> None:
        """Listen on 127.0.0.1; port 0 picks a free one."""
        self.world = world
        self._open: dict[Any, threading.Thread] = {}
        super().__init__((HOST, port), Handler)
        # A connection that is there when asked may be gone when taken: waiting for another would stop everything.
        self.socket.setblocking(False)

    def process_request_thread(self, request: Connection, client_address: Any) -> None:
        """Serve one connection, which is known while it is open."""
        self._open[request] = threading.current_thread()
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._open.pop(request, None)

    def shutdown_request(self, request: Any) -> None:
        """Close a connection; one that is to be reset must not say goodbye first."""
        if request.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8)[0]:
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def handle_error(self, request: Connection, client_address: Any) -> None:
        """Say nothing of clients that went away: tests and people do that all the time."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def end_connections(self) -> None:
        """End every open connection and wait for its thread."""
        for connection, thread in list(self._open.items()):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # it ended by itself meanwhile
            thread.join(timeout=5)


class SandboxServer:
    """The sandbox, served over HTTP on 127.0.0.1; also a context manager that starts and stops it.

    `state` is the file that outlives it (None: memory), `port` 0 picks a free one. In a "quiet" one nothing
    happens but what is asked for, and that only when the clock is advanced. `limits` turns rate limits on.
    `speed` divides the time between the things that happen by themselves.
    """

    def __init__(
        self,
        state: Path | None = None,
        port: int = 0,
        activity: Activity = "lively",
        limits: bool = False,  # noqa: FBT001, FBT002, RUF100 - used by name
        *,
        speed: float = 1.0,
    ) -> None:
        """Open the state and the port; `start` begins to answer. OSError when the port is taken."""
        self._world = World(state, lively=activity == "lively", limits=limits, speed=speed)
        try:
            self._server = ConnectionServer(port, self._world)
        except OSError:
            self._world.store.close()
            raise
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), name="sandbox", daemon=True
        )

    @property
    def url(self) -> str:
        """Where it answers, without a slash at the end."""
        return f"http://{HOST}:{self._server.server_port}"

    def start(self) -> None:
        """Begin to answer, in a thread."""
        self._thread.start()

    def stop(self) -> None:
        """End every connection, free the port and close the state."""
        self._world.stop()
        if self._thread.is_alive():
            self._server.shutdown()
        self._server.server_close()
        self._server.end_connections()
        self._world.store.close()

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()

    @property
    def requests(self) -> list[Json]:
        """The log of requests, oldest first; see `GET /__sandbox__/requests`."""
        return self._world.journal.entries()

    def counts(self) -> Json:
        """How many requests by operationId ("operations") and by minute ("minutes")."""
        return self._world.journal.counts()

    def clear_requests(self) -> None:
        """Forget the log of requests."""
        self._world.journal.clear()

    def reset(self) -> None:
        """Empty everything: connectors, documents, added keys, faults, log, and the time skipped."""
        self._world.reset()

    def advance(self, seconds: float) -> None:
        """Move simulated time on. ValueError for going back."""
        self._world.advance(seconds)

    def fault(self, route: str, fault: str, **options: Any) -> None:
        """Set a fault; options as for `POST /__sandbox__/faults`. RefusedError says what is wrong with it."""
        self._world.faults.add(route, fault, **options)

    def clear_faults(self) -> None:
        """Nothing goes wrong any more."""
        self._world.faults.clear()

    def add_key(self, api_key: str, user_id: str, org_id: str = "org_id_001") -> None:
        """Make a key known."""
        with self._world.store.transaction():
            self._world.store.add_keys([(api_key, user_id, org_id)])

    def plant(self, user_id: str = "user_alice", count: int = 1, **fields: Any) -> list[str]:
        """Put connectors there as they are, with any fields, and give their ids."""
        return planting.plant(self._world, user_id=user_id, count=count, **fields)

    def plant_documents(self, connector_id: str, count: int = 1, **fields: Any) -> list[str]:
        """Add documents to a connector, with any fields of the contract, and give their ids."""
        return planting.plant_documents(self._world, connector_id, count=count, **fields)

    def sync_result(self, connector_id: str, *, now: bool = False, **result: Any) -> None:
        """Set `status`, `error`, `count` of the next sync, or (`now`) of one that has just finished."""
        planting.set_sync_result(self._world, connector_id, result, now=now)
