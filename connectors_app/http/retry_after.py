"""Reading the header that says when to come back."""

import re
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_SECONDS = re.compile(r"\d{1,9}(\.\d{1,9})?", re.ASCII)


def retry_after(value: str | None, now: datetime | None = None) -> float | None:
    """Return the seconds that a Retry-After header asks for; None for nonsense. A past date is 0."""
    if value is None:
        return None
    if _SECONDS.fullmatch(value.strip()):
        return float(value)
    with suppress(ValueError, TypeError, OverflowError, IndexError):
        when = parsedate_to_datetime(value)
        aware = when if when.tzinfo else when.replace(tzinfo=UTC)
        return max((aware - (now or datetime.now(UTC))).total_seconds(), 0.0)
    return None
