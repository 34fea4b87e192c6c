"""The list of connectors: searched, filtered, sorted, paged; every choice stands in the URL."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe

from connectors_app.choices import BulkAction
from connectors_app.forms.connector_filter import ConnectorFilterForm
from connectors_app.models import Member
from connectors_app.models.connector import ConnectorQuerySet
from connectors_app.models.counting import CountUpTo
from connectors_app.permissions import Permission, current_member, may, requires, visible_connectors
from connectors_app.services.listing import ListFilters, in_order, matching, owners, with_owner_email
from connectors_app.views.first_steps import first_step
from connectors_app.views.paging import LongPaginator

PER_PAGE_CHOICES = (25, 50, 100)
_PER_PAGE = 50
_MOST_FOUND = 1_000
_MOST_ARCHIVED = 100
# What a row says, and why its connector is in its state; the rest is most of what a connector weighs.
_SHOWN = (
    *("connector_id", "label", "type", "share_with_org", "bigdata_user_id", "created_at", "files_count"),
    *("last_sync_at", "last_sync_status", "last_sync_error_msg"),
    *("state", "failing_since", "failures_in_a_row", "stale_at", "newest_document_at"),
)
# Each column's heading, the order that a first click asks for (none: it can't be sorted by), and its look.
_COLUMNS = (
    ("Name", "label", ""),
    ("State", "", ""),
    ("Type", "", ""),
    ("Owner", "", ""),
    ("Sharing", "", ""),
    ("Files", "-files", "number"),
    ("Last sync", "-last_sync", ""),
    ("Created", "-created", ""),
)


@dataclass(frozen=True, slots=True)
class Heading:
    """`sort` is what a click on it asks for; `direction` the present order, where it is by this column."""

    label: str
    sort: str
    look: str
    direction: str


@require_safe
@requires(Permission.SEE_CONNECTORS)
def connector_list(request: HttpRequest) -> HttpResponse:
    """The page; for htmx only its results, and the URL that says the same."""
    member = current_member(request)
    filters = ListFilters.parse(request.GET)
    per_page = _per_page(request)
    _keep_what_was_understood(request, filters, per_page)
    context = _results(request, member, filters, per_page)
    if _wants_results_only(request):
        answer = render(request, "connector_list/_results.html", context)
        answer["HX-Push-Url"] = f"{request.path}?{request.GET.urlencode()}".rstrip("?")
        return answer
    form = ConnectorFilterForm(filters, owners=owners(visible_connectors(member), member))
    return render(request, "connector_list/page.html", context | {"form": form, "show_search": False})


def _results(request: HttpRequest, member: Member, filters: ListFilters, per_page: int) -> dict[str, Any]:
    visible = visible_connectors(member)
    found = matching(visible, filters)
    connectors = with_owner_email(in_order(found, filters)).only(*_SHOWN)
    page = _paginator(connectors, member, filters, per_page).get_page(request.GET.get("page"))
    archived_matches = 0 if page.paginator.count else _archived_matches(visible, found, filters)
    any_at_all = archived_matches is not None
    has_key = member.key is not None
    return {
        "page_obj": page,
        "filters": filters,
        "any_at_all": any_at_all,
        "most_archived": _MOST_ARCHIVED,
        "archived_matches": archived_matches,
        "first_step": None if any_at_all and has_key else first_step(member, any_connectors=any_at_all),
        "headings": _headings(filters.sort),
        "bulk_actions": _bulk_actions(member),
        "all_matching": urlencode(filters.as_query()) or "q=",
        "per_page": per_page,
        "per_page_choices": PER_PAGE_CHOICES,
        "has_key": has_key,
        "may_create": may(member, Permission.CREATE_CONNECTORS),
    }


def _paginator(
    connectors: ConnectorQuerySet, member: Member, filters: ListFilters, per_page: int
) -> LongPaginator:
    """What a search finds is counted up to a point: nobody leafs through more, they type another word."""
    at_most = _MOST_FOUND if filters.q and not filters.connector_id else 0
    what = f"{member.pk} {urlencode(filters.as_query())}"
    return LongPaginator(connectors, per_page, remember_as=what, count_at_most=at_most)


def _archived_matches(visible: ConnectorQuerySet, found: ConnectorQuerySet, filters: ListFilters) -> int | None:
    """How many archived ones the filters would find, up to one more than are told; None: nothing is visible."""
    if not (filters.narrows and filters.leaves_out_archived):
        return 0 if visible.exists() else None
    archived = found.filter(archived=True)
    number = CountUpTo(archived.order_by().values("pk")[: _MOST_ARCHIVED + 1])
    return visible.order_by().values_list(number, flat=True).first()


def _per_page(request: HttpRequest) -> int:
    given = request.GET.get("per_page", "")
    return next((choice for choice in PER_PAGE_CHOICES if str(choice) == given), _PER_PAGE)


def _keep_what_was_understood(request: HttpRequest, filters: ListFilters, per_page: int) -> None:
    """So that the links of the page carry that on, and nothing else."""
    query = QueryDict(mutable=True)
    query.update(filters.as_query())
    if per_page != _PER_PAGE:
        query["per_page"] = str(per_page)
    if (page := request.GET.get("page", "")).isdecimal():
        query["page"] = page
    request.GET = query  # type: ignore[assignment]  # the stubs want it immutable; Django does not


def _wants_results_only(request: HttpRequest) -> bool:
    htmx = request.htmx  # type: ignore[attr-defined]
    return bool(htmx) and not htmx.history_restore_request


def _headings(sort: str) -> list[Heading]:
    return [
        Heading(label, _next_sort(first, sort), look, _direction(first, sort)) for label, first, look in _COLUMNS
    ]


def _next_sort(first: str, current: str) -> str:
    """What a click on a column asks for: its own first order or, where that is the present one, the opposite."""
    if first != current:
        return first
    return first.removeprefix("-") if first.startswith("-") else f"-{first}"


def _direction(first: str, current: str) -> str:
    if not first or first.removeprefix("-") != current.removeprefix("-"):
        return ""
    return "descending" if current.startswith("-") else "ascending"


def _bulk_actions(member: Member) -> list[BulkAction]:
    """What the member may do to several at once; which of these, is asked of each connector."""
    may_sync = may(member, Permission.ASK_FOR_SYNC)
    may_change = may(member, Permission.CHANGE_OWN_CONNECTORS)
    return [action for action in BulkAction if (may_sync if action == BulkAction.SYNC else may_change)]
