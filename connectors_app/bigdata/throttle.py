"""How many calls one process may have under way at once."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from .errors import Busy


class ConcurrencyGate:
    """Lets at most `limit` calls through at a time. Thread-safe; one per process."""

    def __init__(self, limit: int) -> None:
        """Open `limit` slots. ValueError if that is less than one."""
        if limit < 1:
            raise ValueError("a concurrency limit is at least 1")
        self._slots = threading.BoundedSemaphore(limit)

    @contextmanager
    def slot(self, wait: float) -> Iterator[None]:
        """Hold a slot for the length of the block, after waiting at most `wait` seconds; else raise Busy."""
        if not self._slots.acquire(timeout=max(wait, 0.0)):
            raise Busy
        try:
            yield
        finally:
            self._slots.release()
