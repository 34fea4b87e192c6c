"""What a connector's state says of an incident: that there is one, that it is over, or nothing new."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors_app.choices import Cause, Ending, IncidentKind, State
from connectors_app.models import Connector

DELETION_TAKES_AT_MOST = timedelta(days=1)
# These never pass by themselves.
AT_ONCE = (Cause.CREDENTIALS, Cause.SESSION)
_WELL = (State.HEALTHY, State.SYNCING, State.NEVER_SYNCED)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`kind`: an incident of that kind. `ending`: none, and why one that is open is over. Neither: nothing new."""

    kind: IncidentKind | None = None
    ending: Ending | None = None


NOTHING_NEW = Verdict()


def judge(connector: Connector, *, cause: str, after_failures: int, now: datetime) -> Verdict:
    """`cause`: of the error it fails with. `after_failures`: how many in a row make an incident of other causes.

    What no working key sees is not judged: nothing is known of it.
    """
    state = State(connector.state)
    if state == State.GONE:
        return Verdict(ending=Ending.DELETED) if connector.is_deleted else Verdict(IncidentKind.GONE)
    if state == State.FAILING:
        enough = 1 if cause in AT_ONCE else after_failures
        return Verdict(IncidentKind.FAILING) if connector.failures_in_a_row >= enough else NOTHING_NEW
    if state == State.STALE:
        return Verdict(IncidentKind.STALE)
    if state == State.DELETING:
        asked_at = connector.deletion_asked_at
        late = asked_at is not None and asked_at <= now - DELETION_TAKES_AT_MOST
        return Verdict(IncidentKind.NOT_DELETED) if late else NOTHING_NEW
    if state == State.ARCHIVED:
        return Verdict(ending=Ending.ARCHIVED)
    return Verdict(ending=Ending.RECOVERED) if state in _WELL else NOTHING_NEW
