"""How old what we show is."""

from datetime import datetime

from django.db.models import Max

from connectors_app.models import ApiKey, Connector, Organization


def seen_at_by_organization(organization: Organization) -> datetime | None:
    """When the organization's connectors were last asked for with success, by any key."""
    polled: datetime | None = ApiKey.objects.filter(organization=organization).aggregate(at=Max("last_polled_at"))[
        "at"
    ]
    return polled


def seen_at(connector: Connector) -> datetime:
    """When the snapshot was last known to be what the API says."""
    listed = connector.sightings.filter(listed=True).aggregate(at=Max("api_key__last_polled_at"))["at"]
    return max(connector.refreshed_at, listed or connector.refreshed_at)
