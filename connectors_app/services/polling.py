"""Watching: asks Bigdata.com for every key's connectors again and again.

What is due and who is at it stands in the database, so a queue may lose a task and a worker may die:
its lease runs out and the key is due again.
"""

import logging
import math
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from connectors_app.bigdata import BigdataClient, ConnectorData, NotFound, RateLimited
from connectors_app.choices import Outcome
from connectors_app.models import ApiKey, Connector, Operation, Upstream
from connectors_app.services import breaker, limits, operations, snapshots
from connectors_app.services.lost_changes import settle_lost_changes
from connectors_app.services.outcomes import ending
from connectors_app.services.upstream import KeyProblem, UpstreamError, calling

logger = logging.getLogger(__name__)

_JITTER = 0.1
_ASK_BY_ID_AT_MOST = 20
# Whatever has piled up, keys are asked for at most so many times as fast as their number and the interval want.
_CATCH_UP = 2
_AT_LEAST = 10
_BETWEEN_TICKS = timedelta(seconds=1)
_LONGEST_TICK = timedelta(seconds=15)
_LONGEST_BACKOFF = timedelta(minutes=15)
# Clocks differ by less. What is further ahead than we ever set it is left from before a clock was set back.
_SKEW = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to poll one key until `lease_until`."""

    key_id: UUID
    lease_until: datetime


def tick_seconds() -> int:
    """How often a worker looks for what is due, if there is not more than can be asked for at once."""
    interval: int = settings.POLL_INTERVAL
    return int(max(5, min(_LONGEST_TICK.total_seconds(), interval)))


def tick(*, now: datetime) -> tuple[list[Claim], bool]:
    """Claim what is due, at a steady pace; and say whether more is due, so that the next tick should come soon.

    Safe to call anywhere any number of times: of ticks within a second only one does anything.
    """
    upstream = breaker.state()
    earlier = Q(ticked_at=None) | Q(ticked_at__lte=now - _BETWEEN_TICKS) | Q(ticked_at__gt=now + _SKEW)
    if not Upstream.objects.filter(earlier, pk=upstream.pk).update(ticked_at=now):
        return [], False
    claims = claim_due(now=now, limit=_pace(upstream.ticked_at, now))
    return claims, upstream.next_probe_at is None and due(now).exists()


def claim_due(*, now: datetime, limit: int = 500) -> list[Claim]:
    """Take the lease of keys that are due: as many as the limits allow, and one at most while upstream is down.

    What another process claims first is not in the list.
    """
    upstream = breaker.state()
    if upstream.next_probe_at is not None:
        limit = 1 if breaker.take_probe(upstream, now=now) else 0
    wanted = list(due(now).order_by("next_poll_at").values_list("pk", flat=True)[:limit])
    wanted = wanted[: limits.admits_polls(len(wanted))] if wanted else []
    return _claim(wanted, now=now) if wanted else []


def all_keys() -> list[UUID]:
    """Every usable key, due or not; of those with one value the first, which is asked for all of them."""
    return list(_firsts().order_by("created_at").values_list("pk", flat=True))


def poll_now(api_key: ApiKey) -> bool:
    """Poll a key because its owner asks for it, within the limits. Returns whether a usable answer came.

    What went wrong is in `last_poll_error`, as after every poll.
    """
    return poll(api_key.pk, for_people=True)


def poll(key_id: UUID, *, lease_until: datetime | None = None, for_people: bool = False) -> bool:
    """Ask for all that one key sees and take it in. Returns whether a usable answer came.

    With `lease_until` only while that lease is held: a task that the queue kept too long does nothing. Trouble is
    recorded with the key and changes no snapshot. Always gives the lease back. What several members stored is
    asked for once and taken in for each.
    """
    value = ApiKey.objects.filter(pk=key_id).values("fingerprint")
    keys = {key.pk: key for key in _usable().filter(fingerprint__in=value)}
    api_key = keys.pop(key_id, None)
    if api_key is None or (lease_until is not None and api_key.lease_until != lease_until):
        return False
    same = list(keys.values())
    asked_at = timezone.now()
    try:
        # What a tick claims is taken out of the limits there.
        prepaid = 0 if for_people else 1
        with calling(api_key, attempts=1, for_people=for_people, prepaid=prepaid) as client:
            answer = client.list_connectors()
            for each in (api_key, *same):
                _take_in(each, answer, asked_at=asked_at)
                _ask_by_id(each, client)
    except (UpstreamError, KeyProblem) as error:
        logger.warning("poll of key %s failed: %s", key_id, type(error).__name__)
        _note_trouble(api_key, error)
        return False
    breaker.note_answer()
    _finish(
        [api_key, *same],
        last_poll_error="",
        last_polled_at=asked_at,
        last_used_at=asked_at,
        answered_by_sandbox=bool(client.answered_by_sandbox),
        poll_failures=0,
    )
    return True


def _take_in(api_key: ApiKey, answer: Sequence[ConnectorData], *, asked_at: datetime) -> None:
    known = snapshots.known_already(api_key, answer, asked_at=asked_at)
    may_be_lost = operations.any_may_be_lost(api_key.organization_id, asked_at=asked_at)
    if known is not None and not (may_be_lost and operations.lost_creates_of(api_key, asked_at=asked_at).exists()):
        if may_be_lost:
            settle_lost_changes(known, asked_at=asked_at)
        return
    with ending():
        listed = snapshots.take_list(api_key, answer, asked_at=asked_at)
        operations.settle_lost_creates(api_key, listed, asked_at=asked_at)
        settle_lost_changes(listed, asked_at=asked_at)


def _ask_by_id(api_key: ApiKey, client: BigdataClient) -> None:
    """What the list left out: only a 404 says that it is gone.

    Archived ones are expected to be missing, and are asked for only while a change of them is open.
    """
    if not api_key.sightings.filter(listed=False).exists():
        return
    open_change = Operation.objects.filter(
        connector=OuterRef("pk"), outcome__in=[Outcome.PENDING, Outcome.UNKNOWN]
    )
    wanted = Q(archived=False) | Q(deletion_asked_at__isnull=False) | Exists(open_change)
    missing = Connector.objects.filter(wanted, sightings__api_key=api_key, sightings__listed=False)
    for connector in missing.order_by("refreshed_at")[:_ASK_BY_ID_AT_MOST]:
        asked_at = timezone.now()
        try:
            data = client.get_connector(connector.connector_id)
        except NotFound:
            snapshots.take_not_found(api_key, connector, asked_at=asked_at)
            fresh = connector
        else:
            fresh = snapshots.take_one(api_key, data, asked_at=asked_at)
        settle_lost_changes([fresh], asked_at=asked_at)


def _usable() -> QuerySet[ApiKey]:
    return ApiKey.objects.usable().select_related("member", "organization")


def due(now: datetime) -> QuerySet[ApiKey]:
    """The keys to ask for now."""
    return _firsts().filter(_is_due(now))


def _firsts() -> QuerySet[ApiKey]:
    usable = ApiKey.objects.usable()
    earlier = usable.filter(fingerprint=OuterRef("fingerprint"), pk__lt=OuterRef("pk"))
    return usable.filter(~Exists(earlier))


def _is_due(now: datetime) -> Q:
    interval, lease = (timedelta(seconds=each) for each in (settings.POLL_INTERVAL, settings.POLL_LEASE))
    due = Q(next_poll_at__lte=now) | _beyond("next_poll_at", now, max(interval, _LONGEST_BACKOFF) * (1 + _JITTER))
    not_leased = Q(lease_until=None) | Q(lease_until__lt=now) | _beyond("lease_until", now, lease)
    not_paused = Q(paused_until=None) | Q(paused_until__lt=now) | _beyond("paused_until", now, _LONGEST_BACKOFF)
    return due & not_leased & not_paused


def _beyond(field: str, now: datetime, longest: timedelta) -> Q:
    return Q(**{f"{field}__gt": now + longest + _SKEW})


def _claim(key_ids: Sequence[UUID], *, now: datetime) -> list[Claim]:
    """In the order given. Of two processes one gets the row."""
    lease_until = now + timedelta(seconds=settings.POLL_LEASE)
    with transaction.atomic():
        free = ApiKey.objects.filter(_is_due(now), pk__in=key_ids)
        mine = set(free.select_for_update(skip_locked=True, no_key=True).values_list("pk", flat=True))
        ApiKey.objects.filter(pk__in=mine).update(lease_until=lease_until)
    return [Claim(pk, lease_until) for pk in key_ids if pk in mine]


def _pace(last_tick: datetime | None, now: datetime) -> int:
    """How many keys a tick may claim: after a standstill too, or all would be asked for at once for ever."""
    passed = min(now - last_tick, _LONGEST_TICK) if last_tick else _LONGEST_TICK
    steady: float = ApiKey.objects.usable().count() * passed.total_seconds() / settings.POLL_INTERVAL
    return max(_AT_LEAST, math.ceil(_CATCH_UP * steady))


def _note_trouble(api_key: ApiKey, error: UpstreamError | KeyProblem) -> None:
    """The next round comes later with each that fails; after a 429 not before Bigdata.com allows it."""
    now = timezone.now()
    failures = api_key.poll_failures + 1
    news: dict[str, object] = {"last_poll_error": error.message, "poll_failures": failures}
    wait = timedelta(seconds=settings.POLL_INTERVAL)
    if isinstance(error, RateLimited):
        wait = min(timedelta(seconds=max(error.retry_after or 0.0, 30.0)), _LONGEST_BACKOFF)
        news["paused_until"] = now + wait
    elif isinstance(error, UpstreamError):
        breaker.note_trouble(error, now=now)
        wait = min(wait * 2 ** min(failures - 1, 10), max(wait, _LONGEST_BACKOFF))
    _finish([api_key], wait=wait, **news)


def _finish(api_keys: Iterable[ApiKey], *, wait: timedelta | None = None, **news: object) -> None:
    """Write down how the round went, give the lease back and say when the key is due again: one write."""
    spread = random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311  (jitter, not a secret)
    due = timezone.now() + (wait or timedelta(seconds=settings.POLL_INTERVAL)) * spread
    ids = [api_key.pk for api_key in api_keys]
    ApiKey.objects.filter(pk__in=ids).update(next_poll_at=due, lease_until=None, **news)
