"""How many calls one process may have under way at once."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from .errors import Busy


class ConcurrencyGate:
    """Lets at most `limit` calls through at a time. Thread-safe; one per process.

    Calls that will not wait are courtesies: they leave one slot to those that somebody waits for.
    """

    def __init__(self, limit: int) -> None:
        """Open `limit` slots. ValueError if that is less than one."""
        if limit < 1:
            raise ValueError("a concurrency limit is at least 1")
        self._slots = threading.BoundedSemaphore(limit)
        self._courtesies = threading.BoundedSemaphore(max(1, limit - 1))

    def is_full(self) -> bool:
        """Whether a call that will not wait would be turned away now."""
        try:
            with self.slot(0):
                return False
        except Busy:
            return True

    @contextmanager
    def slot(self, wait: float) -> Iterator[None]:
        """Hold a slot for the length of the block, after waiting at most `wait` seconds; else raise Busy."""
        taken = [self._slots] if wait > 0 else [self._courtesies, self._slots]
        with ExitStack() as held:
            for semaphore in taken:
                if not semaphore.acquire(timeout=max(wait, 0.0)):
                    raise Busy
                held.callback(semaphore.release)
            yield
