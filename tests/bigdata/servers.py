"""Small real servers on 127.0.0.1 that misbehave as told."""

import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress

Handler = Callable[[socket.socket, bytes], bool | None]

OK_LIST = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 14\r\n\r\n{"results":[]}'


def drip(connection: socket.socket, data: bytes, over: threading.Event) -> bool:
    """Send `data` byte by byte, one each 10 ms, until the client leaves or the test is over."""
    for byte in data:
        connection.sendall(bytes([byte]))
        if over.wait(0.01):
            break
    return True


class Server:
    """Gives each request to `handler(connection, request)`, until it returns True or the client is gone."""

    def __init__(self, handler: Handler, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self.over = threading.Event()
        self._handler = handler
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self.over.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # Else the thread waits in accept for ever.
        self._listener.close()

    def _accept(self) -> None:
        while not self.over.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with self._tls.wrap_socket(connection, server_side=True) if self._tls else connection as connection:
                while request := read_request(connection):
                    self.requests.append(request)
                    if self._handler(connection, request):
                        return
        except OSError:
            pass


def read_request(connection: socket.socket) -> bytes:
    """Return one request with its body; empty when the client is gone."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return b""
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        (int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body
