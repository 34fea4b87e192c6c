"""Reading a moment from an address or a form."""

from datetime import datetime

from django.utils.dateparse import parse_datetime

# Beyond these nothing happened here, and in another zone some are moments that neither Python nor databases know.
_FIRST_YEAR, _LAST_YEAR = 1970, 9998


def moment_in(text: str) -> datetime | None:
    """The moment, None if it is none, has no zone, or is of no time that anything here can be of."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    if moment is None or moment.tzinfo is None or not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        return None
    return moment
