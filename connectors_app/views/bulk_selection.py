"""Which of the connectors that were selected a bulk change is for, and why the others are left out."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, QueryDict

from connectors_app.choices import BulkAction
from connectors_app.models import Connector, Member
from connectors_app.permissions import current_member, may_change, visible_connectors, who_may
from connectors_app.services.bulk import MOST_CONNECTORS, kind_of, why_left_out
from connectors_app.services.changes import why_no_key
from connectors_app.services.listing import ListFilters, apply_filters, with_owner_email

_NAMED_AT_MOST = 5
_NOT_FOUND = "Not among the connectors that you can see."


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Connectors that are left out for one reason: how many, and the first few by name."""

    reason: str
    count: int
    labels: list[str]

    @property
    def more(self) -> int:
        """How many are not named."""
        return self.count - len(self.labels) if self.labels else 0


@dataclass(frozen=True, slots=True)
class Selection:
    """What the change is for, and what of the selected is left out."""

    chosen: list[Connector]
    left_out: list[LeftOut]


def selected_ids(request: HttpRequest) -> list[UUID]:
    """The ids that the list or the confirm page posted: one more than there may be tells that there are too many.

    `connector` comes once per row, `connectors` holds many in one field, `all_matching` is the query of the list.
    """
    post = request.POST
    if post.get("all_matching"):
        return _all_matching(request, post["all_matching"])
    texts = [*post.getlist("connector"), *post.get("connectors", "").split()]
    return list(dict.fromkeys(filter(None, map(_uuid, texts))))[: MOST_CONNECTORS + 1]


def select(member: Member, action: BulkAction, ids: Collection[UUID]) -> Selection:
    """What of `ids` the member may change so; another organization's are not to be told from what never was."""
    visible = visible_connectors(member).filter(connector_id__in=ids).order_by("sort_label", "pk")
    visible = with_owner_email(visible)
    own = set(visible.that_could_belong_to(member).order_by().values_list("pk", flat=True))
    chosen: list[Connector] = []
    left_out: dict[str, list[str]] = defaultdict(list)
    no_key: dict[str, str] = {}  # By owner, who may have thousands.
    for connector in visible:
        connector.note_could_belong_to(member, connector.pk in own)
        reason = _why_left_out(member, connector, action)
        if not reason and not connector.could_belong_to(member):
            owner = connector.bigdata_user_id
            if owner not in no_key:
                no_key[owner] = why_no_key(connector, member)
            reason = no_key[owner]
        if reason:
            left_out[reason].append(connector.label)
        else:
            chosen.append(connector)
    groups = [LeftOut(reason, len(labels), labels[:_NAMED_AT_MOST]) for reason, labels in left_out.items()]
    not_found = len(ids) - len(chosen) - sum(group.count for group in groups)
    if not_found:
        groups.append(LeftOut(_NOT_FOUND, not_found, []))
    return Selection(chosen, groups)


def _all_matching(request: HttpRequest, query: str) -> list[UUID]:
    visible = visible_connectors(current_member(request))
    matching = apply_filters(visible, ListFilters.parse(QueryDict(query)))
    return list(matching.values_list("connector_id", flat=True)[: MOST_CONNECTORS + 1])


def _why_left_out(member: Member, connector: Connector, action: BulkAction) -> str:
    kind = kind_of(action)
    return why_left_out(connector, action) or ("" if may_change(member, connector, kind) else who_may(kind))


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
