"""Messages are not kept for ever. Incidents are: there are few of them."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from connectors_app.choices import DeliveryStatus
from connectors_app.models import Delivery, IncidentEvent, Notice

_BATCH = 1000


def forget_old_messages(*, now: datetime, days: int | None = None) -> int:
    """Delete what was sent or given up, and the events of incidents that are over, older than so many days.

    By default HISTORY_DAYS. Returns how many messages there were. May be stopped at any time and run again.
    """
    older_than = now - timedelta(days=settings.HISTORY_DAYS if days is None else days)
    # Who is to hear of an incident's end is told by who heard of its beginning.
    needed = Notice.objects.filter(delivery=OuterRef("pk"), event__incident__closed_at=None)
    finished = Delivery.objects.filter(~Exists(needed), finished_at__lt=older_than)
    finished = finished.exclude(status=DeliveryStatus.WAITING)
    forgotten = _delete(finished)
    _delete(IncidentEvent.objects.filter(incident__closed_at__lt=older_than, routed_at__isnull=False))
    return forgotten


def _delete(rows: QuerySet[Any]) -> int:
    deleted = 0
    while ids := list(rows.values_list("pk", flat=True)[:_BATCH]):
        rows.model._default_manager.filter(pk__in=ids).delete()
        deleted += len(ids)
    return deleted
