"""P4: a real worker that polls, beside a bare loop over the same keys; and at the pace that is allowed."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import redis

from bench.poll_data import polled, upstream
from bench.processes import ROOT, Workers
from bench.result import Result

if TYPE_CHECKING:
    from datetime import datetime

    from connectors_app.models import Organization
    from connectors_app.sandbox import SandboxServer

_LATENCY, _AT_ONCE = 0.05, 4
_THREADS = 6  # As by default.
_ALLOWED, _NO_LIMIT = 1_500, 1_000_000
_WARM_UP, _PATIENCE = 200, 300
_FOLDER = ROOT / "var" / "bench"


def polling() -> list[Result]:
    """With BENCH_KEYS fewer keys: for trying."""
    keys = int(os.environ.get("BENCH_KEYS", "5000"))
    return [*_without_limits(keys), _a_quiet_round(keys), _within_limits(keys)]


def _without_limits(keys: int) -> list[Result]:
    """Half of the bare loop before, half after what is held against it."""
    measured = min(2_000, keys // 2)
    with upstream(_FOLDER, keys) as sandbox:
        organization = polled(sandbox, keys)
        sandbox.fault("listConnectors", "latency", seconds=_LATENCY, times=0)
        bare = [_bare(sandbox, 0, measured // 2)]
        with _workers(sandbox, per_minute=_NO_LIMIT, interval=max(5, keys // 80)) as workers:
            _make_due(organization)
            _wait_for_answers(sandbox, _WARM_UP)
            began, first, used = time.perf_counter(), _answered(sandbox), workers.cpu_seconds()
            _wait_for_answers(sandbox, measured)
            polled_keys = _answered(sandbox) - first
            ours = polled_keys / (time.perf_counter() - began)
            cpu = (workers.cpu_seconds() - used) / polled_keys
        bare.append(_bare(sandbox, measured // 2, measured))
    floor = sum(bare) / len(bare)
    detail = {
        "ours, keys/s": round(ours, 1),
        "CPU a key, ms": round(1000 * cpu, 1),
        "bare loop, keys/s": [round(each, 1) for each in bare],
    }
    what = f"polling without limits, {_AT_ONCE} at once: keys/s as a share of a bare loop's"
    return [Result("P4", what, round(ours / floor, 2), 0.8, at_least=True, detail=detail)]


def _within_limits(keys: int) -> Result:
    """From the first key of a round to the last."""

    floor = 60 * keys / _ALLOWED
    with upstream(_FOLDER, keys, limits=True) as sandbox:
        organization = polled(sandbox, keys)
        sandbox.fault("listConnectors", "latency", seconds=_LATENCY, times=0)
        with _workers(sandbox, per_minute=_ALLOWED, interval=max(20, int(1.5 * floor))):
            began = _make_due(organization)
            _wait_for_answers(sandbox, 1)
            started = time.perf_counter()
            while organization.api_keys.exclude(last_polled_at__gte=began).exists():
                if time.perf_counter() - started > 3 * floor + 60:
                    break
                time.sleep(1)
            seconds = time.perf_counter() - started
        refused = sum(each["status"] == 429 for each in sandbox.requests)
    detail = {"seconds": round(seconds, 1), "floor, s": floor, "refused by upstream": refused}
    return Result(
        "P4", "polling within limits: a round / its floor", round(seconds / floor, 3), 1.25, detail=detail
    )


def _a_quiet_round(keys: int) -> Result:
    """What a key's round without news writes. The tick that claims keys writes their leases, in the same rows."""
    from django.conf import settings
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from connectors_app.services import polling as service

    with upstream(_FOLDER, keys) as sandbox:
        api_key = polled(sandbox, keys).api_keys.first()
        assert api_key is not None
        settings.BIGDATA_API_BASE_URL = sandbox.url
        service.poll(api_key.pk)
        with CaptureQueriesContext(connection) as asked:
            assert service.poll(api_key.pk)
    writes = [each["sql"] for each in asked if not each["sql"].startswith("SELECT")]
    detail = {"statements": len(asked), "that write": [each.split(" SET ")[0] for each in writes]}
    return Result("P4", "rows a key's round without news writes", len(writes), 1, detail=detail)


def _make_due(organization: "Organization") -> "datetime":
    from django.utils import timezone

    now = timezone.now()
    organization.api_keys.update(next_poll_at=now, lease_until=None, paused_until=None, status="working")
    return now


@contextmanager
def _workers(sandbox: "SandboxServer", *, per_minute: int, interval: int) -> Iterator[Workers]:
    """One worker, with the default's threads, on an empty queue."""
    if address := os.environ.get("REDIS_URL"):
        redis.Redis.from_url(address).flushdb()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "BIGDATA_API_BASE_URL": sandbox.url,
            "QUEUE_FILE": str(Path(folder) / "queue.sqlite3"),
            "WORKER_THREADS": str(_THREADS),
            "BIGDATA_MAX_CONCURRENCY": str(_AT_ONCE),
            "BIGDATA_REQUESTS_PER_MINUTE": str(per_minute),
            "BIGDATA_KEY_REQUESTS_PER_MINUTE": str(per_minute),
            "POLL_INTERVAL": str(interval),
        }
        workers = Workers(1)
        try:
            yield workers
        finally:
            workers.stop()


def _answered(sandbox: "SandboxServer") -> int:
    """How many polls so far."""
    return int(sandbox.counts()["operations"].get("listConnectors", 0))


def _wait_for_answers(sandbox: "SandboxServer", more: int) -> None:
    enough, give_up = _answered(sandbox) + more, time.monotonic() + _PATIENCE
    while _answered(sandbox) < enough:
        assert time.monotonic() < give_up, "The worker does not poll."
        time.sleep(0.02)


def _bare(sandbox: "SandboxServer", first: int, last: int) -> float:
    command = [sys.executable, "-m", "bench.bare_loop", sandbox.url, str(first), str(last), str(_AT_ONCE)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return float(done.stdout)
