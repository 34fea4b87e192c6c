"""P9: from a second `make run` to its first page."""

import os
import shlex
import signal
import subprocess
import time
from pathlib import Path

import requests

from bench.result import Result
from bench.serving import ROOT, free_port

# Another make, or its options, where the packages are not to be looked at.
MAKE = shlex.split(os.environ.get("BENCH_MAKE", "make"))
_PATIENCE = 900


def second_run() -> list[Result]:
    """On a database and a queue of its own: the first makes them."""
    folder = ROOT / "var" / "bench" / "run"
    folder.mkdir(parents=True, exist_ok=True)
    first, second = (_seconds_to_first_page(folder) for _ in range(2))
    return [
        Result("P9", "second make run to first page, s", round(second, 1), 8, detail={"first": round(first, 1)})
    ]


def _seconds_to_first_page(folder: Path) -> float:
    port = free_port()
    environment = os.environ | {
        "DATABASE_URL": f"sqlite:///{folder / 'dashboard.sqlite3'}",
        "QUEUE_FILE": str(folder / "queue.sqlite3"),
    }
    began = time.perf_counter()
    process = subprocess.Popen(
        [*MAKE, "run", f"PORT={port}", f"SANDBOX_PORT={free_port()}"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        while not _answers(port) and process.poll() is None and time.perf_counter() - began < _PATIENCE:
            time.sleep(0.05)
        return time.perf_counter() - began
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.wait(timeout=60)


def _answers(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/", timeout=5).ok
    except requests.RequestException:
        return False
