"""Why a connector is in its state, in one sentence with the facts: on hover, and on its page."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format

from connectors_app.choices import DELETED, State
from connectors_app.connector_types import CONNECTOR_TYPES
from connectors_app.models import Connector, Organization


def state_in_words(connector: Connector, organization: Organization) -> str:
    """With dates in the viewer's zone. `organization` is the connector's own; no query."""
    state = State(connector.state)
    if connector.is_deleted:
        return DELETED.explanation
    if state == State.FAILING and connector.failing_since is not None:
        times = connector.failures_in_a_row
        return f"Failing since {_day(connector.failing_since)}" + (
            f", {times:,} syncs in a row" if times > 1 else ""
        )
    if state == State.STALE and connector.stale_at is not None:
        return _stale_in_words(connector, connector.stale_at, organization)
    if state == State.NEVER_SYNCED and connector.files_count:
        return "No sync has been seen yet."
    if state == State.NEVER_SYNCED and connector.type == "email":
        return "No mail has come in yet."
    return state.explanation


def _stale_in_words(connector: Connector, stale_at: datetime, organization: Organization) -> str:
    known = CONNECTOR_TYPES[connector.type]
    days = organization.stale_after.get(connector.type, known.stale_after_days)
    since = _day(stale_at - timedelta(days=days))
    if not known.why_no_sync:
        what = f"No sync since {since}"
    elif connector.newest_document_at is None and not connector.files_count:
        what = f"No mail yet since it was created on {since}"
    else:
        what = f"Nothing new since {since}"
    return f"{what}; the limit is {days} day{'' if days == 1 else 's'}"


def _day(moment: datetime) -> str:
    local = timezone.localtime(moment)
    return date_format(local, "j M" if local.year == timezone.localtime().year else "j M Y")
