"""How the web process is served. docs/operations.md says how to size it."""

import os
import sys
from pathlib import Path

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
