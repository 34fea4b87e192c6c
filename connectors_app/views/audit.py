"""The audit trail: who did what, when, from where, with whose key. On a page, and as a CSV file."""

import json
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from connectors_app.accounts.export_room import room_for_export
from connectors_app.accounts.member_limits import count, limited
from connectors_app.choices import AuditAction
from connectors_app.forms.audit_filter import AuditFilterForm
from connectors_app.models import AuditEntry, Member
from connectors_app.permissions import (
    Permission,
    current_member,
    may,
    requires,
    visible_connectors,
    visible_entries,
)
from connectors_app.services import audit
from connectors_app.services.audit_lines import line_of
from connectors_app.services.audit_trail import AuditFilters, apply_filters, page_of
from connectors_app.views.csv_file import ROWS_AT_ONCE, csv_file, moment

_MOST_MEMBERS = 500
_COLUMNS = (
    *("at", "who", "role", "key of", "action", "result", "target type", "target id", "target", "address"),
    *("details", "number", "hash"),
)


@require_safe
@requires(Permission.SEE_OWN_AUDIT)
def audit_trail(request: HttpRequest) -> HttpResponse:
    """Newest first; `?before=` goes on where a page ended."""
    member, filters = current_member(request), AuditFilters.parse(request.GET)
    if filters.q:  # Every entry has to be read for it.
        count(request, "search")
    before = request.GET.get("before", "")
    page = page_of(_filtered(member, filters), before=before)
    context = {
        "lines": [line_of(entry) for entry in page.entries],
        "older": page.older,
        "before": before,
        "filters": filters,
        "form": AuditFilterForm(filters, members=_members(member)),
        "linked": _connectors_to_link(member, page.entries),
        "sees_all": may(member, Permission.SEE_AUDIT),
        "may_see_sharing": may(member, Permission.SEE_SHARING),
        "tab": "trail",
    }
    return render(request, "audit/page.html", context)


@require_safe
@requires(Permission.SEE_OWN_AUDIT)
@limited("export")
def audit_export(request: HttpRequest) -> StreamingHttpResponse:
    """Every entry that the page's URL with the same query stands for. That it was exported comes after them."""
    member, filters = current_member(request), AuditFilters.parse(request.GET)
    with room_for_export(request) as room:
        entries = _filtered(member, filters)
        recorded = audit.record(
            AuditAction.AUDIT_EXPORTED,
            organization=member.organization,
            actor=member,
            details={"count": entries.count(), "filters": filters.as_query()},
        )
        found = entries.filter(pk__lt=recorded.pk).iterator(chunk_size=ROWS_AT_ONCE)
        return csv_file("audit", _COLUMNS, map(_cells, found), room.pop_all())


def _filtered(member: Member, filters: AuditFilters) -> QuerySet[AuditEntry]:
    return apply_filters(visible_entries(member), filters)


def _members(member: Member) -> list[tuple[int, str]]:
    if not may(member, Permission.SEE_AUDIT):
        return []
    colleagues = Member.objects.filter(organization=member.organization).order_by("email")
    return list(colleagues.values_list("pk", "email")[:_MOST_MEMBERS])


def _connectors_to_link(member: Member, entries: list[AuditEntry]) -> set[str]:
    """Ids of those that still exist and that the member may see."""
    ids = {UUID(entry.target_id) for entry in entries if entry.target_type == "connector" and entry.target_id}
    found = visible_connectors(member).filter(connector_id__in=ids)
    return {str(each) for each in found.values_list("connector_id", flat=True)}


def _cells(entry: AuditEntry) -> list[str]:
    """In the order of `_COLUMNS`."""
    details: dict[str, Any] = entry.details
    return [
        moment(entry.at),
        entry.actor_name,
        entry.actor_role,
        entry.key_owner_name,
        entry.action,
        entry.result,
        entry.target_type,
        entry.target_id,
        entry.target_name,
        entry.address or "",
        json.dumps(details, ensure_ascii=False) if details else "",
        str(entry.sequence),
        entry.hash,
    ]
