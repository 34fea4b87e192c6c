"""What surrounds every page and comes along with the member, in the one query that loads them."""

from typing import Any

from django.db.models import Case, OuterRef, Q, Subquery, When
from django.db.models.functions import Now

from connectors_app.choices import Role, State
from connectors_app.models import ApiKey, Connector, Incident
from connectors_app.models.connector import ConnectorQuerySet
from connectors_app.models.counting import CountUpTo
from connectors_app.models.incident import IncidentQuerySet

# Nobody needs the exact number of more, and counting must stay cheap.
COUNT_AT_MOST = 100


def failing_now() -> Case:
    """How many connectors the member may see that fail, but for snoozed errors; at most COUNT_AT_MOST."""
    failing = Connector.objects.filter(organization=OuterRef("organization"), state=State.FAILING)
    awake = Q(error_group__snoozed_until=None) | Q(error_group__snoozed_until__lte=Now())
    failing = failing.filter(awake).order_by()
    own = Q(bigdata_user_id=OuterRef("bigdata_user_id")) & ~Q(bigdata_user_id="")
    own_or_shared = failing.filter(Q(share_with_org=True) | own)
    return Case(When(role=Role.ANALYST, then=_count(own_or_shared)), default=_count(failing))


def open_incidents() -> Case:
    """How many open incidents the member may see (as `permissions.visible_incidents`), but for snoozed ones.

    At most COUNT_AT_MOST.
    """
    incidents = Incident.objects.open().filter(organization=OuterRef("organization"))
    itself = Q(snoozed_until=None) | Q(snoozed_until__lte=Now())
    error = Q(error_group__snoozed_until=None) | Q(error_group__snoozed_until__lte=Now())
    incidents = incidents.filter(itself, error).order_by()
    own = Q(connector__bigdata_user_id=OuterRef("bigdata_user_id")) & ~Q(connector__bigdata_user_id="")
    concerning = incidents.filter(Q(member=OuterRef("pk")) | Q(connector__share_with_org=True) | own)
    return Case(When(role=Role.ANALYST, then=_count(concerning)), default=_count(incidents))


def last_asked_at() -> Subquery:
    """When one of the organization's usable keys last had a good answer; None if none ever had."""
    keys = ApiKey.objects.usable().filter(organization=OuterRef("organization"), last_polled_at__isnull=False)
    return Subquery(keys.order_by("-last_polled_at").values("last_polled_at")[:1])


def _count(rows: ConnectorQuerySet | IncidentQuerySet) -> Any:
    return CountUpTo(rows.values("pk")[:COUNT_AT_MOST])
