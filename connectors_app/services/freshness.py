"""How old what we show is."""

from datetime import datetime, timedelta

from django.db.models import Max
from django.utils import timezone

from connectors_app.models import Connector, Upstream

_HEARTBEAT = timedelta(minutes=1)


def seen_at(connector: Connector) -> datetime:
    """When the snapshot was last known to be what the API says."""
    listed = connector.sightings.filter(listed=True).aggregate(at=Max("api_key__last_polled_at"))["at"]
    return max(connector.refreshed_at, listed or connector.refreshed_at)


def is_worker_at_it() -> bool:
    """Whether a worker looked for what is due within the last minute."""
    return Upstream.objects.filter(ticked_at__gte=timezone.now() - _HEARTBEAT).exists()
