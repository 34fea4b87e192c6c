"""The sharing report: what is shared with the organization, since when and by whom, and every change of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Any

from django.db.models import F, Q, QuerySet

from connectors_app.choices import OperationKind, Outcome
from connectors_app.models import Connector, Operation, OutsideChange
from connectors_app.models.connector import ConnectorQuerySet

PER_PAGE = 50
OUTSIDE = "outside the dashboard"
# Changes of one moment stay on one page: of those there are few.
_TIES_AT_MOST = 10


@dataclass(frozen=True, slots=True)
class Shared:
    """A shared connector. `since` is None where it was shared when first seen."""

    connector: Connector
    since: datetime | None
    by: str


@dataclass(frozen=True, slots=True)
class Change:
    """`before` is None where it was created with `after`. `connector_pk` is its row's primary key."""

    at: datetime
    connector_pk: int
    before: bool | None
    after: bool
    by: str


@dataclass(frozen=True, slots=True)
class ChangesPage:
    """Some of the changes, each with its connector. `older_than`: where the next page begins; None on the last."""

    changes: list[tuple[Change, Connector]]
    older_than: datetime | None


def shared_now(connectors: ConnectorQuerySet) -> ConnectorQuerySet:
    """Those of `connectors` that the whole organization sees, by name. What is gone is seen by nobody."""
    return connectors.filter(share_with_org=True, gone_at=None).order_by("sort_label", "pk")


def by_whom(page: Iterable[Connector]) -> list[Shared]:
    """Who shared these, and when. Two queries, however many they are."""
    connectors = list(page)
    changes = [*_operations(Connector.objects.filter(pk__in=[each.pk for each in connectors]))]
    changes += _outside(Connector.objects.filter(pk__in=[each.pk for each in connectors]))
    latest = {each.connector_pk: each for each in sorted(changes, key=lambda change: change.at) if each.after}
    return [_shared(each, latest.get(each.pk)) for each in connectors]


def _shared(connector: Connector, change: Change | None) -> Shared:
    return Shared(connector, change.at, change.by) if change else Shared(connector, None, "")


def changes_of_sharing(connectors: ConnectorQuerySet, *, older_than: datetime | None = None) -> ChangesPage:
    """The newest changes, or the newest older than a moment. Three queries, however many there are."""
    limit = PER_PAGE + _TIES_AT_MOST
    found = [
        *_operations(connectors, older_than=older_than, limit=limit),
        *_outside(connectors, older_than=older_than, limit=limit),
    ]
    found.sort(key=lambda change: change.at, reverse=True)
    page, rest = found[:PER_PAGE], found[PER_PAGE:]
    if rest:
        page += takewhile(lambda change: change.at == page[-1].at, rest)
    shown = Connector.objects.in_bulk([change.connector_pk for change in page])
    changes = [(change, shown[change.connector_pk]) for change in page]
    return ChangesPage(changes, page[-1].at if len(found) > len(page) else None)


def _operations(
    connectors: ConnectorQuerySet, *, older_than: datetime | None = None, limit: int | None = None
) -> Iterator[Change]:
    """What members changed here: connectors created shared, and edits of the sharing."""
    created = Q(kind=OperationKind.CREATE, request__share_with_org=True)
    edited = Q(kind=OperationKind.UPDATE, request__before__has_key="share_with_org")
    found = Operation.objects.filter(created | edited, outcome=Outcome.SUCCEEDED, connector__in=connectors)
    rows = _newest(found, "created_at", older_than, limit).values(
        "connector_id",
        "created_at",
        actor_name=F("actor__email"),
        owner_name=F("key_owner__email"),
        before=F("request__before__share_with_org"),
        after=F("request__share_with_org"),
    )
    return (_change(row, row["created_at"], _who(row["actor_name"], row["owner_name"])) for row in rows)


def _outside(
    connectors: ConnectorQuerySet, *, older_than: datetime | None = None, limit: int | None = None
) -> Iterator[Change]:
    found = OutsideChange.objects.filter(field="share_with_org", connector__in=connectors)
    rows = _newest(found, "seen_at", older_than, limit).values("connector_id", "seen_at", "before", "after")
    return (_change(row, row["seen_at"], OUTSIDE) for row in rows)


def _newest(found: QuerySet[Any], at: str, older_than: datetime | None, limit: int | None) -> QuerySet[Any]:
    if older_than is not None:
        found = found.filter(**{f"{at}__lt": older_than})
    return found.order_by(f"-{at}", "pk")[:limit]


def _change(row: dict[str, Any], at: datetime, by: str) -> Change:
    return Change(at, row["connector_id"], row["before"], row["after"], by)


def _who(actor: str, key_owner: str) -> str:
    return actor if actor == key_owner else f"{actor}, with the key of {key_owner}"
