"""Reports of what fails, to where SENTRY_DSN says. They hold no more than a log line does."""

from typing import Any

import sentry_sdk
from sentry_sdk.integrations.atexit import AtexitIntegration
from sentry_sdk.integrations.dedupe import DedupeIntegration
from sentry_sdk.integrations.django import DjangoIntegration
from sentry_sdk.integrations.excepthook import ExcepthookIntegration
from sentry_sdk.integrations.logging import LoggingIntegration
from sentry_sdk.integrations.threading import ThreadingIntegration
from sentry_sdk.types import Breadcrumb, BreadcrumbHint, Event, Hint

from connectors_app.telemetry.context import current_request, facts
from connectors_app.telemetry.redaction import Cleaner

# Where it failed, in what, and what the log said before. No request but its method, no user, no machine.
_KEPT = {
    *("event_id", "timestamp", "platform", "sdk", "level", "release", "environment", "logger", "transaction"),
    *("exception", "logentry", "message", "threads", "breadcrumbs", "tags", "contexts", "fingerprint"),
}
_OFF = {"mode": "off"}
_NOTHING_ABOUT_PEOPLE: Any = {
    "user_info": False,
    "cookies": _OFF,
    "http_headers": {"request": _OFF},
    "http_bodies": [],
    "url_query_params": _OFF,
    "database_query_data": False,
    "queues": False,
    "stack_frame_variables": False,
}


def start(dsn: str, *, release: str, **more: Any) -> None:
    """Report what nobody caught and what is logged as an error. `more`: the SDK's own options."""
    sentry_sdk.init(
        dsn=dsn,
        release=release,
        data_collection=_NOTHING_ABOUT_PEOPLE,
        include_local_variables=False,
        max_request_body_size="never",
        auto_session_tracking=False,
        send_client_reports=False,
        server_name="",
        before_send=_before_send,
        before_breadcrumb=_before_breadcrumb,
        # Named one by one: others would send addresses of calls, SQL, arguments of commands and tasks.
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[
            AtexitIntegration(callback=lambda *_: None),
            DedupeIntegration(),
            DjangoIntegration(middleware_spans=False),
            ExcepthookIntegration(),
            LoggingIntegration(),
            ThreadingIntegration(),
        ],
        **more,
    )


def _before_send(event: Event, hint: Hint) -> Event | None:
    """If this fails, the SDK sends nothing."""
    kept: Any = {name: value for name, value in event.items() if name in _KEPT}
    clean: Any = Cleaner(getattr(hint.get("log_record"), "request", None)).value(kept)
    clean["tags"] = {**(clean.get("tags") or {}), **facts()}
    request = current_request()
    if request is not None:
        clean["request"] = {"method": request.method}
    return clean  # type: ignore[no-any-return]


def _before_breadcrumb(crumb: Breadcrumb, hint: BreadcrumbHint) -> Breadcrumb | None:
    """What the log said, and nothing else: other breadcrumbs hold addresses and SQL."""
    if crumb.get("type") != "log":
        return None
    said = {name: value for name, value in crumb.items() if name != "data"}
    clean: Any = Cleaner(getattr(hint.get("log_record"), "request", None)).value(said)
    return clean | {"timestamp": crumb.get("timestamp")}  # type: ignore[no-any-return]
