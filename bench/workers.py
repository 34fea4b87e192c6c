"""Real workers polling many keys: `python -m bench.workers --keys 5000`, or `--keys 2000 --workers 3 --kills 40`.

On the database of DATABASE_URL and the Redis of REDIS_URL, or a temporary SQLite file and queue. Says how long a
round took, how many requests the busiest minute had, how the workers' memory grew. Then PASS or FAIL for each
promise: all keys polled (after kills: again), nothing stuck, lost or doubled, the limit kept. Exits with 1 if one
fails.
"""

import argparse
import logging
import os
import sys
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bench.processes import Workers, environment

if TYPE_CHECKING:
    from connectors_app.sandbox import SandboxServer

CONNECTORS_EACH = 2
ALLOWED = 1500
_POLLS_BETWEEN_KILLS = 10


def fill(sandbox: "SandboxServer", count: int, organizations: int = 1) -> None:
    """So many members, each with a key and connectors that have synced, none of which is known here yet."""
    from django.utils import timezone

    from connectors_app.models import ApiKey, Member, Organization

    # Never stale: what is measured is polling, not opening incidents. Of today: every night old runs become sums.
    never_stale = {"investment_research": 0}
    tenants = [
        Organization.objects.create(name=f"Bench {time.time()} {number}", stale_after=never_stale)
        for number in range(organizations)
    ]
    synced_at = (timezone.now() - timedelta(hours=1)).isoformat()
    synced = {"type": "investment_research", "last_sync_at": synced_at, "last_sync_status": "SUCCESS"}
    for number in range(count):
        user, value = f"user_{number}", f"bench-key-number-{number:06}"
        organization = tenants[number % organizations]
        sandbox.add_key(value, user)
        sandbox.plant(user, count=CONNECTORS_EACH, **synced)
        member = Member(email=f"{user}@{organization.pk}.bench.example", organization=organization, role="analyst")
        member.save()
        key = ApiKey(member=member, organization=organization)
        key.seal(value)
        key.save()


@dataclass
class Watched:
    """What was seen while the workers polled, in seconds. `since`: the last kill, or the beginning."""

    since: datetime
    seconds: float = 0
    longest_wait: float = 0

    def look(self) -> None:
        """How long a lease that ran out, its worker dead, has been waiting for another worker."""
        from django.db.models import Min
        from django.utils import timezone

        from connectors_app.models import ApiKey

        now = timezone.now()
        oldest = ApiKey.objects.filter(lease_until__lt=now).aggregate(oldest=Min("lease_until"))["oldest"]
        if oldest is not None:
            self.longest_wait = max(self.longest_wait, (now - oldest).total_seconds())


def watch(sandbox: "SandboxServer", workers: Workers, began: datetime, options: argparse.Namespace) -> Watched:
    """Until every key was polled, killing workers meanwhile; after kills: until every key was polled again.

    Gives up after a long while.
    """
    from django.utils import timezone

    from connectors_app.models import ApiKey

    watched = Watched(since=began)
    give_up = time.monotonic() + 2 * _floor(options) + 10 * (options.interval + options.lease) + 10 * options.kills
    for _ in range(options.kills):
        answered = len(sandbox.requests)
        # A worker that has not begun to poll is no use to kill.
        while len(sandbox.requests) < answered + _POLLS_BETWEEN_KILLS and time.monotonic() < give_up:
            time.sleep(0.1)
            watched.look()
        workers.kill_next()
        watched.since = timezone.now()
    while ApiKey.objects.exclude(last_polled_at__gte=watched.since).exists() and time.monotonic() < give_up:
        time.sleep(0.5)
        watched.look()
    watched.seconds = (timezone.now() - began).total_seconds()
    return watched


def promises(sandbox: "SandboxServer", options: argparse.Namespace, watched: Watched) -> dict[str, bool]:
    """What must hold at the end, in words, and whether it does."""
    from django.db.models import Count

    from connectors_app.models import ApiKey, Connector, SyncRun

    doubled = SyncRun.objects.values("connector", "at").annotate(times=Count("pk")).filter(times__gt=1)
    held = {
        "every key was polled": not ApiKey.objects.exclude(last_polled_at__gte=watched.since).exists(),
        "a dead worker's keys were taken over within a lease": watched.longest_wait <= options.lease,
        "no sync run is there twice": not doubled.exists(),
        "no sync run is missing": SyncRun.objects.count()
        == Connector.objects.count()
        == options.keys * CONNECTORS_EACH,
        f"no minute passed {options.per_minute} requests": busiest_minute(sandbox) <= options.per_minute,
    }
    if options.per_minute <= ALLOWED:
        held["the sandbox refused nothing"] = all(each["status"] == 200 for each in sandbox.requests)
    if not options.kills:
        held["the round ended within 1.25 × the floor"] = watched.seconds <= 1.25 * _floor(options)
    return held


def busiest_minute(sandbox: "SandboxServer") -> int:
    """The most requests in any sixty seconds, as the sandbox received them."""
    moments = sorted(datetime.fromisoformat(each["time"]).timestamp() for each in sandbox.requests)
    most = first = 0
    for last, moment in enumerate(moments):
        while moments[first] <= moment - 60:
            first += 1
        most = max(most, last - first + 1)
    return most


def _floor(options: argparse.Namespace) -> float:
    """How many seconds a round takes at least."""
    return float(60 * options.keys / options.per_minute)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keys", type=int, default=5000)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--interval", type=int, default=300, help="POLL_INTERVAL, in seconds")
    parser.add_argument("--per-minute", type=int, default=ALLOWED, help="BIGDATA_REQUESTS_PER_MINUTE")
    parser.add_argument("--lease", type=int, default=120, help="POLL_LEASE, in seconds")
    parser.add_argument("--organizations", type=int, default=10)
    parser.add_argument("--latency", type=float, default=0, help="seconds that an answer takes at least")
    options = parser.parse_args()
    pace = {
        "POLL_INTERVAL": options.interval,
        "POLL_LEASE": options.lease,
        "BIGDATA_REQUESTS_PER_MINUTE": options.per_minute,
    }
    with environment(**pace):
        from connectors_app.sandbox import SandboxServer

        # Where the workers keep to what Bigdata.com allows, the sandbox refuses what is more.
        with SandboxServer(activity="quiet", limits=options.per_minute <= ALLOWED) as sandbox:
            os.environ["BIGDATA_API_BASE_URL"] = sandbox.url
            run(sandbox, options)


def run(sandbox: "SandboxServer", options: argparse.Namespace) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    logging.disable(logging.WARNING)
    call_command("migrate", verbosity=0)
    fill(sandbox, options.keys, options.organizations)
    if options.latency:
        sandbox.fault("listConnectors", "latency", seconds=options.latency, times=0)
    sandbox.clear_requests()
    began = timezone.now()
    workers = Workers(options.workers)
    try:
        time.sleep(5)
        before = workers.megabytes()
        watched = watch(sandbox, workers, began, options)
        after = workers.megabytes()
        held = promises(sandbox, options, watched)
    finally:
        workers.stop()
    print(
        f"{options.keys} keys, {options.workers} workers, {workers.kills} kills: {watched.seconds:.0f} s", end="; "
    )
    print(f"the limit's floor is {_floor(options):.0f} s; memory {before} → {after} MiB")
    print(f"busiest minute: {busiest_minute(sandbox)} requests of {len(sandbox.requests)}", end="; ")
    print(f"a lease that ran out waited {watched.longest_wait:.1f} s at most")
    print("\n".join(f"{'PASS' if kept else 'FAIL'} {promise}" for promise, kept in held.items()))
    sys.exit(not all(held.values()))


if __name__ == "__main__":
    main()
