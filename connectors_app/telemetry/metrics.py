"""What is counted and timed while it happens. What the database knows is asked for at each scrape.

Each process counts in files of its own in METRICS_DIR; `/metrics` adds up what all processes of this machine have
written, those that have ended included. See docs/decisions/0025.
"""

import fcntl
import os
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from django.conf import settings
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, values
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20)


@dataclass(frozen=True, slots=True)
class _Place:
    """A number that one process has for as long as it lives: the lock on its file ends with the process."""

    number: int
    process_id: int
    lock: int

    @classmethod
    def take(cls) -> "_Place":
        for number in count():  # pragma: no branch - left by return only
            lock = os.open(_folder() / f"{number}.lock", os.O_RDWR | os.O_CREAT)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(lock)
            else:
                return cls(number, os.getpid(), lock)
        raise AssertionError


_mine: _Place | None = None


def _folder() -> Path:
    return Path(settings.METRICS_DIR)


def _place() -> int:
    """This process's number. Who comes after a dead one counts on in its files, so that there never are more files
    than there were processes at once."""
    global _mine  # noqa: PLW0603  (one per process)
    if _mine is None or _mine.process_id != os.getpid():
        _mine = _Place.take()
    return _mine.number


if settings.METRICS_TOKEN:  # Else nobody can ask, and nothing is written.
    _folder().mkdir(parents=True, exist_ok=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(_folder())
    values.ValueClass = values.MultiProcessValue(_place)  # type: ignore[no-untyped-call]

REQUESTS = Histogram(
    "dashboard_request_seconds",
    "Requests answered: how many, and how long they took.",
    ["method", "route", "status"],
    buckets=_SECONDS,
)
UPSTREAM = Histogram(
    "dashboard_upstream_seconds",
    "Tries to call Bigdata.com: how many, how they ended, and how long they took.",
    ["operation", "outcome"],
    buckets=_SECONDS,
)
LIMITED = Counter(
    "dashboard_limited_total",
    "Calls that our own rate limits put off, by whose limit it was and who waited.",
    ["limit", "caller"],
)


def registry(*more: Collector) -> CollectorRegistry:
    """All that was counted, and what `more` tells."""
    all_of_it = CollectorRegistry()
    for collector in more:
        all_of_it.register(collector)
    if settings.METRICS_TOKEN and "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        MultiProcessCollector(all_of_it)  # type: ignore[no-untyped-call]
    else:
        all_of_it.register(REGISTRY)
    return all_of_it
