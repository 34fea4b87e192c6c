"""Watching: asks Bigdata.com for every key's connectors again and again.

What is due and who is at it stands in the database, so a queue may lose a task and a worker may die:
its lease runs out and the key is due again.
"""

import logging
import random
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from connectors_app.bigdata import BigdataClient, NotFound
from connectors_app.choices import Outcome
from connectors_app.models import ApiKey, Connector, Operation
from connectors_app.services import operations, snapshots
from connectors_app.services.lost_changes import settle_lost_changes
from connectors_app.services.outcomes import ending
from connectors_app.services.upstream import KeyProblem, UpstreamError, calling

logger = logging.getLogger(__name__)

_LEASE = timedelta(seconds=120)
_JITTER = 0.1
_ASK_BY_ID_AT_MOST = 20


def claim_due(*, now: datetime, limit: int = 500) -> list[UUID]:
    """Take the lease of the keys that are due. A key that another process claims first is not in the list."""
    due = ApiKey.objects.usable().filter(_free(now), next_poll_at__lte=now).order_by("next_poll_at")
    return [pk for pk in due.values_list("pk", flat=True)[:limit] if _claim(pk, now=now)]


def poll(key_id: UUID) -> bool:
    """Ask for all that one key sees and take it in. Returns whether a usable answer came.

    Trouble is recorded with the key and changes no snapshot. Always gives the lease back.
    """
    api_key = ApiKey.objects.usable().select_related("member", "organization").filter(pk=key_id).first()
    if api_key is None:
        return False
    asked_at = timezone.now()
    try:
        with calling(api_key) as client:
            _look(api_key, client, asked_at=asked_at)
    except (UpstreamError, KeyProblem) as error:
        logger.warning("poll of key %s failed: %s", key_id, type(error).__name__)
        _finish(api_key, last_poll_error=error.message)
        return False
    _finish(
        api_key,
        last_poll_error="",
        last_polled_at=asked_at,
        last_used_at=asked_at,
        answered_by_sandbox=bool(client.answered_by_sandbox),
    )
    return True


def _look(api_key: ApiKey, client: BigdataClient, *, asked_at: datetime) -> None:
    answer = client.list_connectors()
    with ending():
        listed = snapshots.take_list(api_key, answer, asked_at=asked_at)
        operations.settle_lost_creates(api_key, listed, asked_at=asked_at)
        settle_lost_changes(listed, asked_at=asked_at)
    _ask_by_id(api_key, client)


def _ask_by_id(api_key: ApiKey, client: BigdataClient) -> None:
    """What the list left out: only a 404 says that it is gone.

    Archived ones are expected to be missing, and are asked for only while a change of them is open.
    """
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


def _free(now: datetime) -> Q:
    return Q(lease_until__isnull=True) | Q(lease_until__lt=now)


def _claim(key_id: UUID, *, now: datetime) -> bool:
    """By conditional update: of two processes one gets the row."""
    mine = ApiKey.objects.filter(_free(now), pk=key_id, next_poll_at__lte=now)
    return mine.update(lease_until=now + _LEASE) == 1


def _finish(api_key: ApiKey, **news: object) -> None:
    """Write down how the round went, give the lease back and say when the key is due again: one write."""
    spread = random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311  (jitter, not a secret)
    due = timezone.now() + timedelta(seconds=settings.POLL_INTERVAL * spread)
    ApiKey.objects.filter(pk=api_key.pk).update(next_poll_at=due, lease_until=None, **news)
