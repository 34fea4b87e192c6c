"""`python -m bench.soak --minutes 15`: people browse, workers poll, servers are restarted, a worker is killed.

A PostgreSQL and a Redis of its own, gunicorn with two processes, two workers that poll 500 keys, and twenty
people (`bench/browsing.py`). PostgreSQL is restarted, then Redis, and a worker is killed before and after. Then
PASS or FAIL for each promise: no 5xx but in the seconds of a restart, nothing lost or twice, memory flat. Exits
with 1 if one fails.
"""

import argparse
import json
import logging
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

from bench.own_servers import own_servers
from bench.processes import ROOT, Workers, environment, resident

if TYPE_CHECKING:
    from connectors_app.models import Member
    from connectors_app.sandbox import SandboxServer

KEYS, PEOPLE, ORGANIZATIONS = 500, 20, 5
# How long after a restart an error is still its doing.
_RESTART_SECONDS = 15
_SAMPLE_SECONDS = 5
# A process may grow by so much between the second and the last third: caches fill, memory is returned late.
_FLAT_MEGABYTES = 15


@dataclass
class Watched:
    """What was seen while it ran. Memory is in MiB, of the largest process of its kind."""

    restarts: list[float] = field(default_factory=list)
    web: list[float] = field(default_factory=list)
    worker: list[float] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)
    kills: int = 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--keys", type=int, default=KEYS)
    parser.add_argument(
        "--folder", type=Path, default=ROOT / "var" / "soak", help="where logs and answers are kept"
    )
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    with own_servers() as (postgres, redis):
        pace = {"POLL_INTERVAL": 60, "POLL_LEASE": 30, "REQUIRE_MFA": "none", "READ_DOT_ENV": "true"}
        os.environ |= {"DATABASE_URL": postgres.url, "REDIS_URL": redis.url}
        with environment(**pace):
            from connectors_app.sandbox import SandboxServer

            with SandboxServer(activity="lively", speed=20, limits=True) as sandbox:
                os.environ["BIGDATA_API_BASE_URL"] = sandbox.url
                disturb = [postgres.restart, redis.restart]
                sys.exit(not run(sandbox, disturb, options))


def run(sandbox: "SandboxServer", disturb: list[Callable[[], None]], options: argparse.Namespace) -> bool:
    cookies = set_up(sandbox, options)
    from tests.serving import Serving, free_port

    port = free_port()
    os.environ["SITE_URL"] = f"http://127.0.0.1:{port}"
    watched = Watched()
    with (options.folder / "web.log").open("w") as log:
        workers = Workers(2, log=log)
        web = Serving(port, dict(os.environ), log)
        try:
            with web:
                people = browse(port, cookies, options)
                watch(watched, workers, web.process.pid, disturb, options)
                people.wait(timeout=120)
        finally:
            workers.stop()
    results = (options.folder / "answers.jsonl").read_text().splitlines()
    watched.answers = [json.loads(line) for line in results]
    return report(watched, sandbox)


def set_up(sandbox: "SandboxServer", options: argparse.Namespace) -> list[str]:
    """Members with keys, of whom the first are signed in: their session cookies."""
    import django

    django.setup()
    from django.core.management import call_command

    logging.disable(logging.WARNING)
    call_command("migrate", verbosity=0)
    from bench.workers import fill

    fill(sandbox, options.keys, ORGANIZATIONS)
    from connectors_app.models import Member

    return [_session_of(member) for member in Member.objects.order_by("pk")[:PEOPLE]]


def _session_of(member: "Member") -> str:
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(member)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def browse(port: int, cookies: list[str], options: argparse.Namespace) -> subprocess.Popen[bytes]:
    (options.folder / "cookies").write_text("\n".join(cookies))
    (options.folder / "answers.jsonl").write_text("")
    files = {"SOAK_COOKIES": options.folder / "cookies", "SOAK_RESULTS": options.folder / "answers.jsonl"}
    command = [sys.executable, "-m", "locust", "-f", "bench/browsing.py", "--headless", "--only-summary"]
    command += ["--users", str(PEOPLE), "--spawn-rate", "5", "--run-time", f"{int(options.minutes * 60)}s"]
    command += ["--host", f"http://127.0.0.1:{port}", "--exit-code-on-error", "0"]
    with (options.folder / "locust.log").open("w") as log:
        return subprocess.Popen(
            command, cwd=ROOT, env=os.environ | {k: str(v) for k, v in files.items()}, stdout=log, stderr=log
        )


def watch(
    watched: Watched,
    workers: Workers,
    web: int,
    disturb: list[Callable[[], None]],
    options: argparse.Namespace,
) -> None:
    """Sample the memory until the time is over, and disturb at fixed shares of it."""
    whole, began = options.minutes * 60, time.monotonic()
    turns = [(0.3, workers.kill_next), (0.4, disturb[0]), (0.5, disturb[1]), (0.6, workers.kill_next)]
    while (passed := time.monotonic() - began) < whole:
        if turns and passed > turns[0][0] * whole:
            _, turn = turns.pop(0)
            if turn in disturb:
                watched.restarts.append(time.time())
            turn()
        watched.web.append(max(resident(pid) for pid in _children(web)) / 1024)
        watched.worker.append(workers.megabytes())
        time.sleep(_SAMPLE_SECONDS)
    watched.kills = workers.kills


def _children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()] or [pid]


def report(watched: Watched, sandbox: "SandboxServer") -> bool:
    from bench.soak_promises import promises

    statuses = Counter((each["name"], each["status"]) for each in watched.answers)
    for (name, status), times in sorted(statuses.items()):
        print(f"{name:<16} {status:>3} × {times}")
    grown = {name: growth(getattr(watched, name)) for name in ("web", "worker")}
    for name, (second, last) in grown.items():
        print(
            f"memory of the largest {name} process: {second:.0f} MiB in the second third, {last:.0f} in the last"
        )
    bad = [each for each in watched.answers if each["status"] >= 500]
    outside = [each for each in bad if not _in_restart(each["at"], watched)]
    print(f"{len(bad)} answers of 5xx, {len(outside)} of them not in a restart")
    held = {
        "no 5xx but in the seconds of a restart": not outside,
        "a worker was killed twice, PostgreSQL and Redis restarted once each": (
            watched.kills,
            len(watched.restarts),
        )
        == (2, 2),
        **{f"{name}: memory is flat": last - second <= _FLAT_MEGABYTES for name, (second, last) in grown.items()},
        **promises(sandbox, watched.answers),
    }
    for each in outside[:20]:
        print(each)
    print("\n".join(f"{'PASS' if kept else 'FAIL'} {promise}" for promise, kept in held.items()))
    return all(held.values())


def growth(samples: list[float]) -> tuple[float, float]:
    third = len(samples) // 3
    return fmean(samples[third : 2 * third]), fmean(samples[2 * third :])


def _in_restart(at: float, watched: Watched) -> bool:
    return any(began - 1 <= at <= began + _RESTART_SECONDS for began in watched.restarts)


if __name__ == "__main__":
    main()
