"""How the web process is served. Threads wait for Bigdata.com, so there are more of them than cores."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from dashboard.settings import LOGGING

workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS", "8"))
# A page waits for upstream at most BIGDATA_TOTAL_TIMEOUT (20 s); a worker that hangs longer is replaced.
timeout = 60
graceful_timeout = 30
keepalive = 5
max_requests = 5000
max_requests_jitter = 500
limit_request_line = 4094
limit_request_fields = 60
limit_request_field_size = 8190
accesslog = None
errorlog = "-"
# Its own lines, too, are of one format and hold no secret.
logconfig_dict = LOGGING
