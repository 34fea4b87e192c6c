"""Workers killed before, during and after they send a message: the bench, on a small scale."""

import os
import subprocess
import sys

from django.conf import settings

from tests.serving import ROOT, fresh_database


def test_27_killed_workers_lose_no_message_and_repeat_it_only_with_its_id(tmp_path, worker_id):
    size = ["--events", "60", "--channels", "2", "--workers", "2", "--kills", "3", "--lease", "2"]
    environment = os.environ | {
        "DATABASE_URL": fresh_database(tmp_path, "deliveries", worker_id),
        "REDIS_URL": settings.REDIS_URL,
    }
    command = [sys.executable, "-m", "bench.deliveries", *size]
    bench = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert bench.returncode == 0, bench.stdout + bench.stderr[-2000:]
    assert bench.stdout.count("PASS") == 7
