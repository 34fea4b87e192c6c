"""Which connectors a list shows, and in which order: the one place for the page, the CSV and bulk work."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self
from uuid import UUID

from django.db.models import Case, Exists, F, OrderBy, OuterRef, Subquery, When

from connectors_app.choices import State
from connectors_app.connector_types import CONNECTOR_TYPES
from connectors_app.models import Member
from connectors_app.models.connector import ConnectorQuerySet
from connectors_app.models.search import search, words

NEWEST_FIRST = "-created"
ALL = "all"
ATTENTION = "attention"
YES, NO = "1", "0"
_SORT_FIELDS = {
    "label": "sort_label",
    "created": "created_at",
    "last_sync": "last_sync_at",
    "files": "files_count",
}
_CAN_BE_NULL = {"last_sync_at", "files_count"}
SORTS = tuple(sign + name for name in _SORT_FIELDS for sign in ("", "-"))
_FLAGS = {"1": YES, "true": YES, "yes": YES, "0": NO, "false": NO, "no": NO}
_LONGEST_QUERY = 200
_LONGEST_OWNER = 255
_MOST_OWNERS = 300


@dataclass(frozen=True, slots=True)
class ListFilters:
    """What a list is narrowed down to, and its order. Every field is empty where it says nothing.

    `state` is one of `State` or "attention" (any that somebody has to see to), `owner` a Bigdata.com user id,
    `shared` "1" or "0", `archived` "" (left out, as are those that were deleted here, unless a connector's id asks
    for one), "1" (only them) or "all"; with a `state` it says nothing, since the state does. `sort` is one of
    `SORTS`.
    """

    q: str = ""
    type: str = ""
    state: str = ""
    owner: str = ""
    shared: str = ""
    archived: str = ""
    sort: str = NEWEST_FIRST

    @classmethod
    def parse(cls, given: Mapping[str, Any]) -> Self:
        """From a query string's values. What can't be understood is ignored, the rest kept."""
        texts = {name: str(given.get(name) or "").strip() for name in cls.__dataclass_fields__}
        state = _one_of(texts["state"], (ATTENTION, *State.values))
        archived = "" if state else texts["archived"].lower()
        return cls(
            q=texts["q"][:_LONGEST_QUERY] if words(texts["q"][:_LONGEST_QUERY]) else "",
            type=_one_of(texts["type"], CONNECTOR_TYPES),
            state=state,
            owner=_owner(texts["owner"]),
            shared=_FLAGS.get(texts["shared"].lower(), ""),
            archived=ALL if archived == ALL else YES if _FLAGS.get(archived) == YES else "",
            sort=_one_of(texts["sort"], SORTS) or NEWEST_FIRST,
        )

    @property
    def narrows(self) -> bool:
        """Whether anything is left out that the plain list would show, or shown that it would not."""
        return self != type(self)(sort=self.sort)

    @property
    def connector_id(self) -> UUID | None:
        """The id, where the query is one in full: then exactly that connector is meant."""
        try:
            return UUID(self.q)
        except ValueError:
            return None

    @property
    def leaves_out_archived(self) -> bool:
        return not (self.archived or self.state or self.connector_id)

    def as_query(self) -> dict[str, str]:
        """The query string's values that `parse` makes this of: only what is not the default."""
        defaults = asdict(type(self)())
        return {name: value for name, value in asdict(self).items() if value != defaults[name]}


def apply_filters(connectors: ConnectorQuerySet, filters: ListFilters) -> ConnectorQuerySet:
    """Those of one organization's connectors that the filters let through, in order.

    Give it what the member may see.
    """
    return in_order(matching(connectors, filters), filters)


def matching(connectors: ConnectorQuerySet, filters: ListFilters) -> ConnectorQuerySet:
    """Those that every filter but the one for the archive lets through."""
    exact = {
        "type": filters.type,
        "state": "" if filters.state == ATTENTION else filters.state,
        "bigdata_user_id": filters.owner,
        "connector_id": filters.connector_id,
    }
    connectors = connectors.filter(**{name: value for name, value in exact.items() if value})
    if filters.state == ATTENTION:
        connectors = connectors.needing_attention()
    if filters.shared:
        connectors = connectors.filter(share_with_org=filters.shared == YES)
    if filters.q and not filters.connector_id:
        connectors = search(connectors, filters.q)
    return connectors


def in_order(connectors: ConnectorQuerySet, filters: ListFilters) -> ConnectorQuerySet:
    """What `matching` found, with or without what is archived or was deleted here.

    The order is total, so that paging neither repeats nor skips; what has no value comes last.
    """
    if filters.archived == YES:
        connectors = connectors.filter(archived=True)
    elif filters.leaves_out_archived:
        connectors = connectors.filter(archived=False).without_deleted()
    return connectors.order_by(*_order(filters.sort))


def with_owner_email(connectors: ConnectorQuerySet) -> ConnectorQuerySet:
    """Adds `owner_email`: the owner's, where the owner is a member whose Bigdata.com user is known; else None."""
    owner = Member.objects.filter(
        organization=OuterRef("organization"), bigdata_user_id=OuterRef("bigdata_user_id")
    ).exclude(bigdata_user_id="")
    return connectors.annotate(owner_email=Subquery(owner.order_by("pk").values("email")[:1]))


def owners(connectors: ConnectorQuerySet, viewer: Member) -> list[tuple[str, str]]:
    """Bigdata.com user id and name of members who own one of the connectors, the viewer first; a few hundred."""
    members = Member.objects.filter(organization=viewer.organization).exclude(bigdata_user_id="")
    owning = members.filter(Exists(connectors.filter(bigdata_user_id=OuterRef("bigdata_user_id"))))
    viewer_first = Case(When(pk=viewer.pk, then=0), default=1)
    found = owning.order_by(viewer_first, "email").values_list("bigdata_user_id", "email")[:_MOST_OWNERS]
    return [(owner, f"Mine ({email})" if email == viewer.email else email) for owner, email in found]


def _order(sort: str) -> tuple[OrderBy, OrderBy]:
    """Both parts go the same way, as they stand in an index that is read from either end."""
    name, descending = sort.removeprefix("-"), sort.startswith("-")
    field = _SORT_FIELDS[name]
    nulls_last = True if field in _CAN_BE_NULL else None
    return OrderBy(F(field), descending=descending, nulls_last=nulls_last), OrderBy(F("pk"), descending=descending)


def _one_of(value: str, known: Any) -> str:
    return value if value in known else ""


def _owner(value: str) -> str:
    return value if len(value) <= _LONGEST_OWNER and value.isprintable() else ""
