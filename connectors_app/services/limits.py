"""How often Bigdata.com may be asked, counted by all processes together.

Two limits are published (contract, quirk 10): requests a minute per key and per IP address. Each is a leaky
bucket: a steady rate and a small burst on top, which together stay below the limit in every minute, with some
room for tries that the transport repeats. Of the burst, polling and bulk work leave half to people's clicks.
"""

import time
from math import floor

from django.conf import settings
from django.db.models import Value
from django.db.models.functions import Greatest

from connectors_app.models import Allowance
from connectors_app.models.forgettable import forgettable
from connectors_app.telemetry.metrics import LIMITED

ADDRESS = "address"
_STEADY, _BURST = 0.9, 0.08
_FOR_PEOPLE = 0.5


def take(
    bucket: str, *, per_minute: float, at_most: int = 1, for_people: bool = False, now: float | None = None
) -> int:
    """Take up to `at_most` requests out of a bucket at `now` (seconds since 1970). Returns how many one may send.

    Not in a transaction that goes on: everybody else waits for its end.
    """
    with forgettable():
        return _take(bucket, per_minute=per_minute, at_most=at_most, for_people=for_people, now=now)


def _take(bucket: str, *, per_minute: float, at_most: int = 1, for_people: bool, now: float | None = None) -> int:
    seconds_each = 60 / (_STEADY * per_minute)
    burst = max(1.0, _BURST * per_minute) * seconds_each
    room = burst if for_people else max(seconds_each, burst * (1 - _FOR_PEOPLE))
    now = time.time() if now is None else now
    row = Allowance.objects.filter(key=bucket)
    if at_most == 1:  # Mostly there is room for it, and then nothing need be read.
        has_room = row.filter(spent_to__lte=now + room - seconds_each)
        if has_room.update(spent_to=Greatest("spent_to", Value(now)) + seconds_each):
            return 1
    row = row.select_for_update(no_key=True)
    allowance = row.first()
    if allowance is None:
        Allowance.objects.get_or_create(key=bucket)
        allowance = row.get()
    # A clock that was set back must not stop everything until the old time comes round again.
    spent_to = min(max(allowance.spent_to, now), now + burst)
    taken = max(0, min(at_most, floor((now + room - spent_to) / seconds_each + 1e-4)))
    spent_to += taken * seconds_each
    if spent_to != allowance.spent_to:
        allowance.spent_to = spent_to
        allowance.save(update_fields=["spent_to"])
    return taken


def admits_polls(wanted: int) -> int:
    """How many of so many polls may go out now. Their one list each counts against the address's limit."""
    taken = take(ADDRESS, per_minute=settings.BIGDATA_REQUESTS_PER_MINUTE, at_most=wanted)
    if taken < wanted:
        LIMITED.labels("address", "polling").inc(wanted - taken)
    return taken


def admits_call(key_fingerprint: str, *, for_people: bool) -> bool:
    """Whether one more request with this key may go out now."""
    per_key, per_address = settings.BIGDATA_KEY_REQUESTS_PER_MINUTE, settings.BIGDATA_REQUESTS_PER_MINUTE
    with forgettable():
        refused_by = ""
        if not _take(f"key:{key_fingerprint}", per_minute=per_key, for_people=for_people):
            refused_by = "key"
        elif not _take(ADDRESS, per_minute=per_address, for_people=for_people):
            refused_by = "address"
    if refused_by:
        LIMITED.labels(refused_by, "people" if for_people else "background").inc()
    return not refused_by


def left_for_people(*, now: float) -> float:
    """How much of the address's burst is left, 0 to 1: at 0 even people's clicks are put off."""
    allowance = Allowance.objects.filter(pk=ADDRESS).first() or Allowance()
    per_minute: int = settings.BIGDATA_REQUESTS_PER_MINUTE
    burst = max(1.0, _BURST * per_minute) * 60 / (_STEADY * per_minute)
    return min(1.0, max(0.0, 1 - (allowance.spent_to - now) / burst))
