"""When something last came into an inbox: its newest document tells, and is asked for rarely."""

from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet

from connectors_app.bigdata import DocumentData
from connectors_app.connector_types import CONNECTOR_TYPES
from connectors_app.models import ApiKey, Connector
from connectors_app.services.snapshots import settle_states
from connectors_app.services.staleness import limits_of, stale_at
from connectors_app.services.upstream import KeyProblem, UpstreamError, calling

ASKED_EVERY = timedelta(hours=6)
_NO_SYNC = [key for key, connector_type in CONNECTOR_TYPES.items() if connector_type.why_no_sync]


def look_at_inboxes(*, now: datetime, at_most: int = 10) -> int:
    """Ask for the newest document of the inboxes that waited longest. Returns how many were asked about.

    Safe to call anywhere: of two workers only one asks about an inbox. One that ends in trouble has its turn again
    after the others.
    """
    claimed = [inbox for inbox in _waiting(now)[:at_most] if _claim(inbox, now=now)]
    for inbox in claimed:
        _look(inbox, now=now)
    return len(claimed)


def _waiting(now: datetime) -> QuerySet[Connector]:
    long_ago = Q(documents_asked_at=None) | Q(documents_asked_at__lt=now - ASKED_EVERY)
    inboxes = Connector.objects.filter(long_ago, type__in=_NO_SYNC, archived=False, gone_at=None)
    inboxes = inboxes.filter(seen_by__in=ApiKey.objects.usable()).distinct()
    return inboxes.select_related("organization").order_by(F("documents_asked_at").asc(nulls_first=True), "pk")


def _claim(inbox: Connector, *, now: datetime) -> bool:
    unclaimed = Connector.objects.filter(pk=inbox.pk, documents_asked_at=inbox.documents_asked_at)
    return unclaimed.update(documents_asked_at=now) == 1


def _look(inbox: Connector, *, now: datetime) -> None:
    keys = ApiKey.objects.usable().filter(connectors=inbox).select_related("member", "organization")
    api_key = keys.order_by("created_at").first()
    if api_key is None:
        return
    try:
        with calling(api_key, attempts=1, for_people=False) as client:
            newest = client.documents_page(
                inbox.connector_id, page_size=1, sort_by="created_at", sort_order="desc"
            )
    except (UpstreamError, KeyProblem):
        return
    _note(inbox, newest, now=now)


def _note(inbox: Connector, newest: list[DocumentData], *, now: datetime) -> None:
    inbox.documents_seen_at = now
    inbox.newest_document_at = max((document.created_at for document in newest), default=None)
    inbox.stale_at = stale_at(inbox, limits_of(inbox.organization))
    inbox.save(update_fields=["documents_seen_at", "newest_document_at", "stale_at"])
    settle_states([inbox], now=now)
