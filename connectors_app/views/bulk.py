"""Bulk work: its progress page, and what was asked for earlier."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from connectors_app.choices import BulkAction, Outcome
from connectors_app.models import Bulk, BulkItem, Member
from connectors_app.permissions import Permission, current_member, find, may, requires
from connectors_app.services import bulk as bulk_service
from connectors_app.views.bulk_common import as_uuid, require_action, start_work
from connectors_app.views.moments import moment_in
from connectors_app.views.shell import asked_before

_BULKS_A_PAGE = 50
_FAILED_A_PAGE = 100
_SHOWN_AT_MOST = 100
# The page follows the work: sooner at first, then slower, and for an hour or so at most.
_FOLLOW_SECONDS = (2,) * 10 + (5,) * 20 + (15,) * 240


@require_safe
@requires(Permission.SEE_CONNECTORS)
def bulk_list(request: HttpRequest) -> HttpResponse:
    page = Paginator(_visible_bulks(current_member(request)), _BULKS_A_PAGE).get_page(request.GET.get("page"))
    progress = bulk_service.progress_of(page)
    return render(
        request, "bulk/list.html", {"page_obj": page, "rows": [(each, progress[each.pk]) for each in page]}
    )


@require_safe
@requires(Permission.SEE_CONNECTORS)
def bulk_detail(request: HttpRequest, bulk_id: UUID) -> HttpResponse:
    """The page; for htmx only what changes while the work goes on."""
    bulk = _get_bulk(current_member(request), bulk_id)
    htmx = request.htmx  # type: ignore[attr-defined]
    is_live = bool(htmx) and not htmx.history_restore_request
    context = _detail_context(request, bulk, follow=asked_before(request) if is_live else 0)
    return render(request, "bulk/_live.html" if is_live else "bulk/page.html", context)


@require_POST
@requires(Permission.ASK_FOR_SYNC)
def bulk_retry(request: HttpRequest, bulk_id: UUID) -> HttpResponse:
    """Do again what failed: one `item`, or all that had failed when the page was made (`until`)."""
    member = current_member(request)
    bulk = _get_bulk(member, bulk_id)
    if bulk.actor_id != member.pk:
        raise PermissionDenied("Only who asked for it can retry it.")
    require_action(member, BulkAction(bulk.action))
    count = bulk_service.retry(bulk, _failed_items(bulk, request).values_list("pk", flat=True))
    if count:
        start_work(bulk)
        messages.success(request, f"{count:,} of them will be tried again.")
    return redirect("bulk_detail", bulk_id)


def _visible_bulks(member: Member) -> QuerySet[Bulk]:
    """Those of the organization for who sees all its connectors, one's own for the others; newest first."""
    bulks = Bulk.objects.filter(organization=member.organization).select_related("actor")
    if not may(member, Permission.SEE_PRIVATE_CONNECTORS):
        bulks = bulks.filter(actor=member)
    return bulks.order_by("-created_at", "pk")


def _get_bulk(member: Member, bulk_id: UUID) -> Bulk:
    return find(member, _visible_bulks(member), bulk_id)


def _failed_items(bulk: Bulk, request: HttpRequest) -> QuerySet[BulkItem]:
    failed = BulkItem.objects.filter(bulk=bulk, outcome=Outcome.FAILED)
    if "item" in request.POST:
        item_id = as_uuid(request.POST["item"])
        return failed.filter(pk=item_id) if item_id else failed.none()
    until = moment_in(request.POST.get("until", ""))
    return failed.filter(finished_at__lte=until) if until else failed.none()


def _detail_context(request: HttpRequest, bulk: Bulk, *, follow: int) -> dict[str, Any]:
    member = current_member(request)
    items = bulk.items.select_related("connector").order_by("connector__sort_label", "pk")
    progress = bulk_service.progress_of([bulk])[bulk.pk]
    following = not progress.is_over and follow < len(_FOLLOW_SECONDS)
    return {
        "bulk": bulk,
        "progress": progress,
        "may_retry": bulk.actor_id == member.pk,
        "now": timezone.now().isoformat(),
        "failed": Paginator(items.filter(outcome=Outcome.FAILED), _FAILED_A_PAGE).get_page(
            request.GET.get("page")
        ),
        "checking": items.filter(outcome=Outcome.UNKNOWN)[:_SHOWN_AT_MOST],
        "succeeded": items.filter(outcome=Outcome.SUCCEEDED)[:_SHOWN_AT_MOST],
        "shown_at_most": _SHOWN_AT_MOST,
        "follow_seconds": _FOLLOW_SECONDS[follow] if following else 0,
        "follow_round": follow + 1,
    }
