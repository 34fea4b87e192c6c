"""How the web process is served. docs/operations.md says how to size it."""

import os
import socket
import struct
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from dashboard.settings import LOGGING

workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gthread"
# Threads wait for Bigdata.com, so there are more of them than cores: at least twice BIGDATA_MAX_CONCURRENCY.
threads = int(os.environ.get("WEB_THREADS", "8"))
# A page waits at most 5 s for a slot and then BIGDATA_TOTAL_TIMEOUT (20 s) for upstream; a worker that hangs
# longer is replaced. One that stops has the time to end what it has begun.
timeout = 60
graceful_timeout = 30
keepalive = 5
# What leaks, leaks for so long; not all workers start anew at once.
max_requests = 5000
max_requests_jitter = 500
# Of a request's head; the rest is refused with 414 or 431. Bodies: DATA_UPLOAD_MAX_MEMORY_SIZE.
limit_request_line = 4094
limit_request_fields = 60
limit_request_field_size = 8190
# Where a worker shows that it lives: on a disk that stalls it would seem dead.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) and Path("/dev/shm").is_dir() else None  # noqa: S108
# Which proxies are believed is for Django to say (TRUSTED_PROXIES), and gunicorn must not say otherwise before.
forwarded_allow_ips = ""
control_socket_disable = True
accesslog = None
errorlog = "-"
# Its own lines, too, are of one format and hold no secret.
logconfig_dict = LOGGING

# A client that neither sends nor takes anything for so long is given up: it holds a thread. Seconds.
_client_timeout = int(os.environ.get("WEB_CLIENT_TIMEOUT", "15"))


def when_ready(server: Any) -> None:
    """Connections inherit from the socket that they come in at; gunicorn itself has no such limit."""
    seconds = struct.pack("ll", _client_timeout, 0)
    for listener in server.LISTENERS:
        for direction in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            listener.sock.setsockopt(socket.SOL_SOCKET, direction, seconds)
