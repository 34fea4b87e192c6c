"""Why a connector is in its state, in one sentence with the facts: on hover, and on its page."""

from django.utils import timezone
from django.utils.formats import date_format

from connectors_app.choices import State
from connectors_app.connector_types import CONNECTOR_TYPES
from connectors_app.models import Connector, Organization


def state_in_words(connector: Connector, organization: Organization) -> str:
    """With dates in the viewer's zone. `organization` is the connector's own; no query."""
    state = State(connector.state)
    if state == State.FAILING and connector.failing_since is not None:
        times = connector.failures_in_a_row
        return f"Failing since {_day(connector.failing_since)}" + (f", {times:,} syncs in a row" if times > 1 else "")
    if state == State.STALE and connector.stale_at is not None:
        days = _limit(connector, organization)
        since = connector.stale_at - timezone.timedelta(days=days)
        return f"Nothing new since {_day(since)}; the limit is {days} day{'' if days == 1 else 's'}"
    return state.explanation
