"""Reading the audit trail: which entries a page or a CSV shows, newest first."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Self
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from connectors_app.choices import AuditAction, AuditGroup, AuditResult
from connectors_app.models import AuditEntry

PER_PAGE = 50
_LONGEST_QUERY = 200
_LONGEST_TARGET = 100
_MOST_DIGITS = 18
# Dates beyond these are typing errors, and some of them no database knows.
_FIRST_YEAR, _LAST_YEAR = 2000, 2999
# Names that a query string has and Python does not allow.
_IN_QUERY = {"since": "from", "until": "to"}


@dataclass(frozen=True, slots=True)
class AuditFilters:
    """What the trail is narrowed down to. Every field is empty where it says nothing.

    `actor` and `key_owner` are members' ids; `since` and `until` days in the viewer's zone, both included;
    `target` is a connector's id, or `type:id` of anything else.
    """

    q: str = ""
    group: str = ""
    action: str = ""
    result: str = ""
    actor: str = ""
    key_owner: str = ""
    since: str = ""
    until: str = ""
    target: str = ""

    @classmethod
    def parse(cls, given: Mapping[str, Any]) -> Self:
        """From a query string's values. What can't be understood is ignored, the rest kept."""
        texts = {name: _text(given, _IN_QUERY.get(name, name)) for name in cls.__dataclass_fields__}
        return cls(
            q=texts["q"][:_LONGEST_QUERY],
            group=_one_of(texts["group"], AuditGroup.values),
            action=_one_of(texts["action"], AuditAction.values),
            result=_one_of(texts["result"], AuditResult.values),
            actor=_number(texts["actor"]),
            key_owner=_number(texts["key_owner"]),
            since=_day(texts["since"]),
            until=_day(texts["until"]),
            target=texts["target"][:_LONGEST_TARGET],
        )

    @property
    def narrows(self) -> bool:
        return self != type(self)()

    @property
    def ends_before_it_begins(self) -> bool:
        return bool(self.since and self.until and self.until < self.since)

    def as_query(self) -> dict[str, str]:
        """The query string's values that `parse` makes this of."""
        return {_IN_QUERY.get(name, name): value for name, value in asdict(self).items() if value}


@dataclass(frozen=True, slots=True)
class TrailPage:
    """Some of the trail. `older`: where the next page begins, empty on the last."""

    entries: list[AuditEntry]
    older: str


def apply_filters(entries: QuerySet[AuditEntry], filters: AuditFilters) -> QuerySet[AuditEntry]:
    """Those of one organization's entries that the filters let through, newest first."""
    exact = {"action": filters.action, "result": filters.result}
    exact |= {"actor": filters.actor, "key_owner": filters.key_owner}
    entries = entries.filter(**{name: value for name, value in exact.items() if value})
    if filters.group:
        entries = entries.filter(action__in=[each for each in AuditAction if each.group == filters.group])
    if filters.target:
        entries = entries.filter(**_target(filters.target))
    if filters.since:
        entries = entries.filter(at__gte=_begin(filters.since))
    if filters.until:
        entries = entries.filter(at__lt=_begin(filters.until, days=1))
    if filters.q:
        of_whom = Q(actor_name__icontains=filters.q) | Q(key_owner_name__icontains=filters.q)
        of_what = Q(target_name__icontains=filters.q) | Q(target_id=filters.q)
        entries = entries.filter(of_whom | of_what)
    return entries.order_by("-at", "-pk")


def page_of(entries: QuerySet[AuditEntry], *, before: str = "") -> TrailPage:
    """The newest entries, or those that follow where another page ended. The last costs no more than the first."""
    position = _position(before)
    if position is not None:
        at, pk = position
        # Said in two steps, so that the index is entered at the moment.
        entries = entries.filter(at__lte=at).filter(Q(at__lt=at) | Q(pk__lt=pk))
    found = list(entries[: PER_PAGE + 1])
    page = found[:PER_PAGE]
    return TrailPage(page, f"{page[-1].at.isoformat()}_{page[-1].pk}" if len(found) > PER_PAGE else "")


def _position(text: str) -> tuple[datetime, int] | None:
    moment, _, number = text.partition("_")
    try:
        at = parse_datetime(moment)
    except ValueError:
        return None
    if at is None or at.tzinfo is None or not _FIRST_YEAR <= at.year <= _LAST_YEAR or not _number(number):
        return None
    return at, int(number)


def _target(text: str) -> dict[str, str]:
    kind, _, identity = text.rpartition(":")
    return {"target_type": kind or "connector", "target_id": identity if kind else _as_stored(identity)}


def _as_stored(connector_id: str) -> str:
    try:
        return str(UUID(connector_id))
    except ValueError:
        return connector_id


def _begin(day: str, *, days: int = 0) -> datetime:
    """When the day begins in the viewer's zone, or the one so many days later."""
    return timezone.make_aware(datetime.combine(date.fromisoformat(day) + timedelta(days=days), time()))


def _text(given: Mapping[str, Any], name: str) -> str:
    return str(given.get(name) or "").replace("\x00", "").strip()


def _one_of(value: str, known: list[Any]) -> str:
    return value if value in known else ""


def _number(value: str) -> str:
    return value if value.isascii() and value.isdecimal() and len(value) <= _MOST_DIGITS else ""


def _day(value: str) -> str:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return ""
    return day.isoformat() if _FIRST_YEAR <= day.year <= _LAST_YEAR else ""
