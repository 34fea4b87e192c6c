"""How the dashboard itself is doing, over all organizations: what the database knows of it."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min

from connectors_app.choices import DeliveryStatus, State
from connectors_app.models import Connector, Delivery, Notice
from connectors_app.services import breaker, limits, polling


@dataclass(frozen=True, slots=True)
class Vitals:
    """Ages and lags in seconds; an age is None where there is nothing yet."""

    keys_due: int
    poll_lag: float
    notices_waiting: int
    deliveries_waiting: int
    oldest_delivery_age: float
    deliveries_given_up: int
    connectors: dict[str, int]
    breaker_open: bool
    upstream_failures: int
    heartbeat_age: float | None
    allowance_left: float


def vitals(*, now: datetime) -> Vitals:
    """Seven small queries, each on an index, however many rows there are."""
    due = polling.due(now).aggregate(keys=Count("pk"), since=Min("next_poll_at"))
    waiting = Delivery.objects.filter(status=DeliveryStatus.WAITING)
    deliveries = waiting.aggregate(number=Count("pk"), since=Min("created_at"))
    states = dict.fromkeys(State.values, 0)
    # By organization, too: in that order they stand in the index, so that nothing has to be sorted.
    counted = Connector.objects.order_by().values_list("organization", "state").annotate(Count("pk"))
    for _, state, number in counted:
        states[state] += number
    upstream = breaker.look()
    return Vitals(
        keys_due=due["keys"],
        poll_lag=_seconds(due["since"], now) or 0,
        notices_waiting=Notice.objects.filter(delivery=None).count(),
        deliveries_waiting=deliveries["number"],
        oldest_delivery_age=_seconds(deliveries["since"], now) or 0,
        deliveries_given_up=Delivery.objects.filter(status=DeliveryStatus.GIVEN_UP).count(),
        connectors=states,
        breaker_open=upstream.next_probe_at is not None,
        upstream_failures=upstream.failures,
        heartbeat_age=_seconds(upstream.ticked_at, now),
        allowance_left=limits.left_for_people(now=now.timestamp()),
    )


def _seconds(since: datetime | None, now: datetime) -> float | None:
    return None if since is None else max(0.0, (now - since).total_seconds())
