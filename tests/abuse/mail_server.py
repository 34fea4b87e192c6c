"""A mail server on 127.0.0.1 that takes everything, unless it is down."""

import socketserver
import threading
from email import message_from_bytes
from email.message import Message


class MailServer:
    def __init__(self) -> None:
        self.taken: list[Message] = []
        self._server: _Server | None = None
        with _Server(("127.0.0.1", 0), _Session) as server:
            self.port = server.server_address[1]

    def start(self) -> None:
        """On the port that was refused so far."""
        self._server = _Server(("127.0.0.1", self.port), _Session)
        self._server.taken = self.taken
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
    taken: list[Message]


class _Session(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        self._say("220 ready")
        for line in self.rfile:
            command = line[:4].upper()
            if command == b"DATA":
                self._say("354 go on")
                self.server.taken.append(message_from_bytes(self._mail()))
            self._say("221 bye" if command == b"QUIT" else "250 ok")

    def _mail(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line)
        return b"".join(lines)

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())
