"""Everything that one running sandbox consists of."""

import threading
from pathlib import Path

from connectors_app.sandbox.clock import Clock
from connectors_app.sandbox.faults import Faults
from connectors_app.sandbox.journal import Journal
from connectors_app.sandbox.life import Life
from connectors_app.sandbox.limits import Limits
from connectors_app.sandbox.store import Store


class World:
    """The state, the clock, and what watches or disturbs requests.

    `stopping` is set when it is to end; `era_over`, which each reset puts anew, when what began before is void.
    """

    def __init__(self, state: Path | None, *, lively: bool, limits: bool, speed: float) -> None:
        """Open the state, and go on from the time it had reached."""
        self.store = Store(state)
        self.clock = Clock(self.store.offset())
        self.life = Life(self.store, self.clock, lively=lively, speed=speed)
        self.faults = Faults()
        self.journal = Journal()
        self.limits = Limits(enabled=limits)
        self.activity = "lively" if lively else "quiet"
        self.stopping = threading.Event()
        self.era_over = threading.Event()

    def reset(self) -> None:
        """Empty it: connectors, documents, added keys, faults, the request log, and the time skipped.

        A request that still waits is not carried out any more.
        """
        self.era_over.set()
        self.era_over = threading.Event()
        with self.store.transaction():
            self.store.clear()
            self.clock.offset = 0.0
        self.faults.clear()
        self.journal.clear()

    def stop(self) -> None:
        """End whatever waits or goes on for ever."""
        self.stopping.set()
        self.era_over.set()

    def advance(self, seconds: float) -> None:
        """Move simulated time on, and remember it. ValueError for going back."""
        with self.store.transaction():
            self.clock.advance(seconds)
            self.store.keep_offset(self.clock.offset)
