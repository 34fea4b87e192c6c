"""Real workers on a database of their own, killed while they poll: the bench, on a small scale."""

import os
import subprocess
import sys

from django.conf import settings

from tests.serving import ROOT, fresh_database


def test_killed_workers_lose_no_key_and_double_no_sync_run(tmp_path, worker_id):
    size = ["--keys", "40", "--workers", "2", "--kills", "2"]
    pace = ["--interval", "5", "--lease", "25", "--per-minute", "100000"]
    # Slow enough that a kill comes in the middle of polls.
    pace += ["--latency", "0.4"]
    environment = os.environ | {
        "DATABASE_URL": fresh_database(tmp_path, "workers", worker_id),
        "REDIS_URL": settings.REDIS_URL,
    }
    command = [sys.executable, "-m", "bench.workers", *size, *pace]
    bench = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert bench.returncode == 0, bench.stdout + bench.stderr[-2000:]
    assert bench.stdout.count("PASS") == 5
