"""The platform's published rate limits: 500 requests a minute per key, 1,500 per IP address."""

import threading
from collections import Counter

from connectors_app.sandbox.answers import Header, RefusedError, Request
from connectors_app.sandbox.store import digest

PER_KEY, PER_ADDRESS = 500, 1500


class Limits:
    """Counts requests by the minute of simulated time; counts nothing when not `enabled`."""

    def __init__(self, *, enabled: bool) -> None:
        """Nothing counted yet."""
        self._enabled = enabled
        self._lock = threading.Lock()
        self._minute = 0
        self._counts: Counter[str] = Counter()
        self._refusals = 0

    def check(self, request: Request, now: float) -> None:
        """Count a request; refuse it with 429 when it is one too many, every other time with Retry-After."""
        if not self._enabled:
            return
        with self._lock:
            self._start_minute(int(now // 60))
            key, address = "key " + digest(request.api_key), "address " + request.client
            self._counts.update((key, address))
            if self._counts[key] <= PER_KEY and self._counts[address] <= PER_ADDRESS:
                return
            self._refusals += 1
            wait: Header = ("Retry-After", str(60 - int(now % 60)))
            raise RefusedError(429, "Too many requests", *([wait] if self._refusals % 2 else []))

    def _start_minute(self, minute: int) -> None:
        if minute != self._minute:
            self._minute = minute
            self._counts.clear()
