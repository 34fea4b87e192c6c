"""Simulated time: real time plus what has been skipped."""

import time
from datetime import UTC, datetime

LONGEST_SKIP = 10 * 366 * 86400


class Clock:
    """Tells the sandbox's time in seconds since 1970; `offset` is how many seconds have been skipped."""

    def __init__(self, offset: float = 0.0) -> None:
        """Start `offset` seconds ahead of real time."""
        self.offset = offset

    def now(self) -> float:
        """The simulated time."""
        return time.time() + self.offset

    def advance(self, seconds: float) -> None:
        """Skip `seconds`. ValueError for going back, or for more than ten years in all."""
        if not 0 <= seconds <= LONGEST_SKIP - self.offset:
            raise ValueError(seconds)
        self.offset += seconds


def stamp(moment: float) -> str:
    """A moment as the contract writes it (`2026-02-11T11:01:09.574095Z`); sorts as text."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
