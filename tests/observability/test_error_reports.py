"""Where no SENTRY_DSN is set nothing is started; what is reported is cleaned."""

import logging

import pytest
import sentry_sdk
from django.test import Client
from sentry_sdk.transport import Transport

from connectors_app.bigdata import Secret
from connectors_app.telemetry import error_reporting
from connectors_app.telemetry.context import being_about

logger = logging.getLogger(__name__)
DSN = "http://public@127.0.0.1:9/1"


class Kept(Transport):
    def __init__(self):
        super().__init__({"dsn": DSN})
        self.events = []

    def capture_envelope(self, envelope):
        self.events += [item.payload.json for item in envelope.items]
        self.bytes = b"".join(item.payload.get_bytes() for item in envelope.items)


@pytest.fixture
def kept():
    """What would have been sent."""
    transport = Kept()
    error_reporting.start(DSN, release="0.1.0", transport=transport)
    with sentry_sdk.isolation_scope():
        yield transport
    sentry_sdk.get_client().close()
    sentry_sdk.get_global_scope().set_client(None)


def test_without_a_dsn_there_is_none():
    assert not sentry_sdk.get_client().is_active()


@pytest.mark.urls("tests.observability.failing_urls")
def test_a_failing_view_is_reported_without_what_it_was_sent(kept, db):
    sent = {"password": "canary-31d6 phrase", "in_hand": "canary-4242", "plain": "nothing to hide"}
    browser = Client(raise_request_exception=False, headers={"Cookie": "sessionid=canary-cookie-of-a-session"})
    page = browser.post("/fail/canary-token-of-a-link/?state=canary-query", sent)
    careless, failed = kept.events
    assert failed["exception"]["values"][-1]["type"] == "RuntimeError"
    assert failed["tags"] == {"request_id": page["X-Request-ID"]}
    assert failed["transaction"].startswith("/fail/{token}")
    assert failed["request"] == careless["request"] == {"method": "POST"}
    assert "nothing to hide" in str(failed)
    assert "canary" not in str(kept.events)
    assert "vars" not in str(failed)
    assert "somebody.careless" in {crumb["category"] for crumb in failed["breadcrumbs"]["values"]}


def test_an_error_of_a_task_says_which(kept):
    secret = Secret("canary-4242")
    with being_about(task="poll_key", task_id="17"):
        logger.error("It failed with %s", secret.reveal(), extra={"password": "canary-1"})
    [event] = kept.events
    assert event["tags"] == {"task": "poll_key", "task_id": "17"}
    assert event["logentry"]["formatted"] == "It failed with •••"
    assert "canary" not in str(event)


def test_only_what_the_log_said_is_told_of_the_time_before(kept):
    sentry_sdk.add_breadcrumb(category="query", message="SELECT canary")
    sentry_sdk.add_breadcrumb(category="httplib", type="http", data={"url": "https://hooks.example.com/canary"})
    logger.warning("password=canary")
    logger.error("It failed")
    [event] = kept.events
    assert [crumb["category"] for crumb in event["breadcrumbs"]["values"]] == [__name__]
    assert "canary" not in str(event)


def test_what_cannot_be_cleaned_is_not_sent(kept, monkeypatch):
    monkeypatch.setattr(error_reporting, "Cleaner", None)
    logger.error("canary")
    assert kept.events == []
