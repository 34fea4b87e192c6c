"""When Bigdata.com is down, nobody asks but for a slow probe; when it is back, all go on, at their usual pace.

Judged by polls alone: people's clicks go out as ever, each bounded in time.
"""

from datetime import datetime, timedelta

from django.db.models import F

from connectors_app.bigdata import BigdataError, Busy, RateLimited
from connectors_app.models import Upstream

OPENS_AFTER = 5
PROBE_EVERY = timedelta(seconds=30)


def state() -> Upstream:
    row, _ = Upstream.objects.get_or_create(pk=Upstream.THE_ONE)
    return row


def look() -> Upstream:
    """The same, and writes nothing."""
    return Upstream.objects.filter(pk=Upstream.THE_ONE).first() or Upstream()


def take_probe(upstream: Upstream, *, now: datetime) -> bool:
    """Whether it is this process's turn to try with one poll, while nothing else is asked."""
    due = Upstream.objects.filter(pk=upstream.pk, next_probe_at=upstream.next_probe_at, next_probe_at__lte=now)
    return due.update(next_probe_at=now + PROBE_EVERY) == 1


def note_answer() -> None:
    """Bigdata.com answered a poll."""
    troubled = Upstream.objects.filter(pk=Upstream.THE_ONE, failures__gt=0)
    if troubled.exists():
        troubled.update(failures=0, failing_since=None, next_probe_at=None)


def note_trouble(error: BigdataError, *, now: datetime) -> None:
    """A poll ended in trouble. Only trouble that any key would have had counts."""
    if not error.retry_can_help or isinstance(error, RateLimited | Busy):
        return
    row = Upstream.objects.filter(pk=state().pk)
    row.filter(failures=0).update(failing_since=now)
    row.update(failures=F("failures") + 1)
    row.filter(failures__gte=OPENS_AFTER, next_probe_at=None).update(next_probe_at=now + PROBE_EVERY)
