"""Which incidents a page lists, and in which order."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from django.db.models import Case, Q, QuerySet, Value, When

from connectors_app.choices import IncidentKind, State
from connectors_app.models import Connector, Incident, Member

OPEN, OVER = "open", "over"
YES, NO = "1", "0"
_SHOWN_WITH = (
    *("connector", "member", "acknowledged_by", "snoozed_by"),
    *("error_group", "error_group__snoozed_by"),
)


# The states that an incident comes with, as a rule.
_WITH_INCIDENTS = {State.FAILING, State.STALE, State.GONE, State.KEY_REJECTED, State.DELETING}


@dataclass(frozen=True, slots=True)
class IncidentFilters:
    """What the list is narrowed down to. Every field is empty where it says nothing.

    `state` is "open" or "over", `acknowledged` "1" or "0", `mine` "1": of one's own connectors and key.
    """

    kind: str = ""
    state: str = ""
    acknowledged: str = ""
    mine: str = ""

    @classmethod
    def parse(cls, given: Mapping[str, Any]) -> Self:
        """From a query string's values. What can't be understood is ignored, the rest kept."""
        known = {"kind": IncidentKind.values, "state": (OPEN, OVER), "acknowledged": (YES, NO), "mine": (YES,)}
        return cls(**{name: given[name] for name, values in known.items() if given.get(name) in values})

    @property
    def narrows(self) -> bool:
        return self != type(self)()


def listed(incidents: QuerySet[Incident], filters: IncidentFilters, viewer: Member) -> QuerySet[Incident]:
    """Those that the filters let through: first what is open, then what is over, the newest first.

    With all that a page shows of them. Give it what the viewer may see.
    """
    if filters.mine:
        incidents = incidents.filter(_concerning(viewer))
    if filters.kind:
        incidents = incidents.filter(kind=filters.kind)
    if filters.state:
        incidents = incidents.filter(closed_at__isnull=filters.state == OPEN)
    if filters.acknowledged:
        incidents = incidents.filter(acknowledged_at__isnull=filters.acknowledged == NO)
    # Where all are the one or the other, an index has them in order.
    open_first = [] if filters.state else [Case(When(closed_at=None, then=Value(0)), default=Value(1))]
    return incidents.select_related(*_SHOWN_WITH).order_by(*open_first, "-opened_at", "pk")


def _concerning(member: Member) -> Q:
    if not member.bigdata_user_id:
        return Q(member=member)
    return Q(member=member) | Q(connector__bigdata_user_id=member.bigdata_user_id)


def open_of(connector: Connector) -> Incident | None:
    """The connector's incident, with all that a page shows of it: six tables, not joined for one that is well."""
    incidents = Incident.objects.open().filter(connector=connector)
    if connector.state not in _WITH_INCIDENTS and not incidents.exists():
        return None
    return incidents.select_related(*_SHOWN_WITH).first()
