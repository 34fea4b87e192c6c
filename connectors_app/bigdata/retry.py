"""When a read is tried again, and after how long."""

from collections.abc import Callable

from connectors_app.http.retry_after import retry_after

from .call import Answer
from .errors import BigdataError, ConnectionLost, Unreachable

RETRIED_STATUSES = frozenset({429, 502, 503, 504})
FIRST_STEP = 0.5
LONGEST_STEP = 4.0
LONGEST_RETRY_AFTER = 5.0  # a call holds one of few slots; who is told to wait longer comes back later


def pause_before_retry(outcome: Answer | BigdataError, attempt: int, random: Callable[[], float]) -> float | None:
    """Return the seconds to wait after try number `attempt` (from 1) of a read; None if no other may help.

    Full jitter, on top of what Retry-After asks for. `random` gives a number from 0 to 1.
    """
    if isinstance(outcome, BigdataError):
        asked = 0.0
        helps = isinstance(outcome, Unreachable | ConnectionLost)
    else:
        asked = retry_after(outcome.headers.get("Retry-After")) or 0.0
        helps = outcome.status in RETRIED_STATUSES and asked <= LONGEST_RETRY_AFTER
    if not helps:
        return None
    step: float = min(FIRST_STEP * 2 ** (attempt - 1), LONGEST_STEP)
    return asked + step * random()
