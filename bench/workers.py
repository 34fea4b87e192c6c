"""Real workers polling many keys: `python -m bench.workers --keys 5000`, or `--keys 2000 --workers 3 --kills 40`.

On the database of DATABASE_URL and the Redis of REDIS_URL, or a temporary SQLite file and queue. Says how long a
round took, how many requests the busiest minute had, how the workers' memory grew. Then PASS or FAIL for each
promise: all keys polled (after kills: again), nothing stuck or doubled, the limit kept. Exits with 1 if one fails.
"""

import argparse
import logging
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors_app.sandbox import SandboxServer

ROOT = Path(__file__).resolve().parent.parent
CONNECTORS_EACH = 2


class Workers:
    """Processes of `run_huey`, each in the place of one that was killed."""

    def __init__(self, count: int) -> None:
        self.processes = [self._start() for _ in range(count)]
        self.kills = 0

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "manage.py", "run_huey", "--quiet"]
        return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kill_one(self) -> None:
        place = random.randrange(len(self.processes))
        self.processes[place].send_signal(signal.SIGKILL)
        self.processes[place].wait()
        self.processes[place] = self._start()
        self.kills += 1

    def megabytes(self) -> int:
        """The resident memory of the largest."""
        return max(_resident(process.pid) for process in self.processes) // 1024

    def stop(self) -> None:
        for process in self.processes:
            process.send_signal(signal.SIGINT)
        for process in self.processes:
            process.wait(timeout=60)


def _resident(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))


def fill(sandbox: "SandboxServer", count: int) -> None:
    """So many members, each with a key and connectors that have synced, none of which is known here yet."""
    from connectors_app.models import ApiKey, Member, Organization

    organization = Organization.objects.create(name=f"Bench {time.time()}")
    synced = {"type": "investment_research", "last_sync_at": "2026-03-05T10:00:00Z", "last_sync_status": "SUCCESS"}
    for number in range(count):
        user, value = f"user_{number}", f"bench-key-number-{number:06}"
        sandbox.add_key(value, user)
        sandbox.plant(user, count=CONNECTORS_EACH, **synced)
        member = Member(email=f"{user}@{organization.pk}.bench.example", organization=organization, role="analyst")
        member.save()
        key = ApiKey(member=member, organization=organization)
        key.seal(value)
        key.save()


def watch(workers: Workers, began: datetime, *, kills: int, seconds_between: float) -> tuple[float, datetime]:
    """Until every key was polled since then, killing workers meanwhile.

    Returns the seconds it took, and since when all had to be polled: the beginning, or the last kill.
    """
    from django.utils import timezone

    from connectors_app.models import ApiKey

    for _ in range(kills):
        time.sleep(seconds_between)
        workers.kill_one()
    since = timezone.now() if kills else began
    started = time.monotonic()
    while ApiKey.objects.exclude(last_polled_at__gte=since).exists():
        time.sleep(0.5)
        if time.monotonic() - started > 1200:
            break
    return (timezone.now() - began).total_seconds(), since


def promises(
    sandbox: "SandboxServer", options: argparse.Namespace, seconds: float, since: datetime
) -> dict[str, bool]:
    """What must hold at the end, in words, and whether it does."""
    from django.db.models import Count

    from connectors_app.models import ApiKey, Connector, SyncRun

    doubled = SyncRun.objects.values("connector", "at").annotate(times=Count("pk")).filter(times__gt=1)
    counts = sandbox.counts()["minutes"].values()
    held = {
        "every key was polled": not ApiKey.objects.exclude(last_polled_at__gte=since).exists(),
        "no lease is left over": not ApiKey.objects.exclude(lease_until=None).exists(),
        "no sync run is there twice": not doubled.exists(),
        "no sync run is missing": SyncRun.objects.count()
        == Connector.objects.count()
        == options.keys * CONNECTORS_EACH,
        f"no minute passed {options.per_minute} requests": max(counts, default=0) <= options.per_minute,
    }
    if not options.kills:
        held["the round ended within 1.25 × the floor"] = seconds <= 1.25 * 60 * options.keys / options.per_minute
    return held


def report(sandbox: "SandboxServer", keys: int) -> list[str]:
    from django.db.models import Count
    from django.utils import timezone

    from connectors_app.models import ApiKey, Connector, SyncRun

    minutes = sandbox.counts()["minutes"]
    twice = SyncRun.objects.values("connector", "at").annotate(times=Count("pk")).filter(times__gt=1)
    stuck = ApiKey.objects.filter(lease_until__lt=timezone.now() - timedelta(seconds=5)).count()
    return [
        f"requests in the busiest minute: {max(minutes.values())} of {sum(minutes.values())} in all",
        f"connectors: {Connector.objects.count()} of {keys * CONNECTORS_EACH}",
        f"sync runs: {SyncRun.objects.count()}",
        f"never polled: {ApiKey.objects.filter(last_polled_at=None).count()}; leases left over: {stuck}",
        f"sync runs noted twice: {twice.count()}",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keys", type=int, default=5000)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--interval", type=int, default=300, help="POLL_INTERVAL, in seconds")
    parser.add_argument("--per-minute", type=int, default=1500, help="BIGDATA_REQUESTS_PER_MINUTE")
    parser.add_argument("--lease", type=int, default=120, help="POLL_LEASE, in seconds")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "dashboard.settings",
            "QUEUE_FILE": str(Path(folder) / "queue.sqlite3"),
            "POLL_INTERVAL": str(options.interval),
            "POLL_LEASE": str(options.lease),
            "BIGDATA_REQUESTS_PER_MINUTE": str(options.per_minute),
        }
        os.environ.setdefault("DATABASE_URL", f"sqlite:///{Path(folder) / 'bench.sqlite3'}")
        from connectors_app.sandbox import SandboxServer

        with SandboxServer(activity="quiet") as sandbox:
            os.environ["BIGDATA_API_BASE_URL"] = sandbox.url
            run(sandbox, options)


def run(sandbox: "SandboxServer", options: argparse.Namespace) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    logging.disable(logging.WARNING)
    call_command("migrate", verbosity=0)
    fill(sandbox, options.keys)
    sandbox.clear_requests()
    began = timezone.now()
    workers = Workers(options.workers)
    try:
        time.sleep(5)
        before = workers.megabytes()
        seconds, since = watch(workers, began, kills=options.kills, seconds_between=1.5)
        after = workers.megabytes()
    finally:
        workers.stop()
    floor = 60 * options.keys / options.per_minute
    print(f"{options.keys} keys, {options.workers} workers, {workers.kills} kills: {seconds:.0f} s", end="; ")
    print(f"the limit's floor is {floor:.0f} s; memory {before} → {after} MiB")
    print("\n".join(report(sandbox, options.keys)))
    held = promises(sandbox, options, seconds, since)
    print("\n".join(f"{'PASS' if kept else 'FAIL'} {promise}" for promise, kept in held.items()))
    sys.exit(not all(held.values()))


if __name__ == "__main__":
    main()
