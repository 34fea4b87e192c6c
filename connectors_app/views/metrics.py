"""`/metrics`: how the dashboard is doing, for Prometheus."""

import logging
from collections.abc import Iterator

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from huey.contrib.djhuey import HUEY
from prometheus_client import CONTENT_TYPE_LATEST, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from connectors_app.services.vitals import vitals
from connectors_app.telemetry import metrics

logger = logging.getLogger(__name__)


@login_not_required
@require_safe
def metrics_page(request: HttpRequest) -> HttpResponse:
    """Only for who has METRICS_TOKEN as a bearer token. Where none is set, there is no such page."""
    if not settings.METRICS_TOKEN:
        raise Http404
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not constant_time_compare(token, settings.METRICS_TOKEN):
        return HttpResponse("A bearer token is needed.", status=401, headers={"WWW-Authenticate": "Bearer"})
    told = generate_latest(metrics.registry(_FromDatabase(), _FromQueue(), _Build()))
    return HttpResponse(told, content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


def _gauge(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"dashboard_{name}", words, value=value)


class _FromDatabase(Collector):
    """Asked at each scrape. What was counted is told even while the database does not answer."""

    def collect(self) -> Iterator[Metric]:
        try:
            now = vitals(now=timezone.now())
        except DatabaseError:
            logger.exception("The database does not answer /metrics")
            yield _gauge("database_up", "Whether the database answers.", 0)
            return
        yield _gauge("database_up", "Whether the database answers.", 1)
        yield _gauge("keys_due", "API keys whose connectors should be asked for by now.", now.keys_due)
        yield _gauge("poll_lag_seconds", "How late the key is that has been due longest.", now.poll_lag)
        yield _gauge("notices_waiting", "Events of incidents that are in no message yet.", now.notices_waiting)
        yield _gauge("deliveries_waiting", "Messages on their way.", now.deliveries_waiting)
        yield _gauge("oldest_delivery_seconds", "How old the oldest of them is.", now.oldest_delivery_age)
        yield _gauge("deliveries_given_up", "Messages that no receiver has taken.", now.deliveries_given_up)
        yield _gauge("breaker_open", "Whether Bigdata.com counts as down, and is only probed.", now.breaker_open)
        yield _gauge("upstream_failures", "Polls in a row without an answer.", now.upstream_failures)
        yield _gauge("allowance_left_ratio", "How much of the address's burst is left.", now.allowance_left)
        if now.heartbeat_age is not None:
            words = "Since a worker last looked for what is due."
            yield _gauge("worker_heartbeat_age_seconds", words, now.heartbeat_age)
        connectors = GaugeMetricFamily("dashboard_connectors", "Connectors by state.", labels=["state"])
        for state, number in now.connectors.items():
            connectors.add_metric([state], number)
        yield connectors


class _FromQueue(Collector):
    def collect(self) -> Iterator[Metric]:
        queue = GaugeMetricFamily("dashboard_queue_tasks", "Tasks in the queue.", labels=["waiting"])
        try:
            queue.add_metric(["now"], HUEY.pending_count())
            queue.add_metric(["later"], HUEY.scheduled_count())
        except Exception:  # noqa: BLE001  (Redis, or the queue's file: whatever it is, it is told and the rest goes on)
            yield _gauge("queue_up", "Whether the task queue answers.", 0)
            return
        yield _gauge("queue_up", "Whether the task queue answers.", 1)
        yield queue


class _Build(Collector):
    def collect(self) -> Iterator[Metric]:
        build = GaugeMetricFamily("dashboard_build_info", "What is running.", labels=["version"])
        build.add_metric([settings.VERSION], 1)
        yield build
