"""The connector's timeline."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from connectors_app.models import Connector, Member
from connectors_app.permissions import Permission, current_member, get_connector, may, requires, visible_entries
from connectors_app.services.audit_trail import AuditFilters, apply_filters
from connectors_app.services.sync_history import files_by_day, latest_runs
from connectors_app.services.timeline import timeline
from connectors_app.views.frame import frame_context
from connectors_app.views.moments import moment_in

_LATEST = 5


@require_safe
@requires(Permission.SEE_CONNECTORS)
def connector_history(request: HttpRequest, connector_id: UUID) -> HttpResponse:
    """Newest first; `?before=` (a moment) goes on where a page ended. htmx gets the latest few, for a card."""
    member = current_member(request)
    connector = get_connector(member, connector_id)
    if request.htmx:  # type: ignore[attr-defined]
        latest = timeline(connector, at_most=_LATEST).entries[:_LATEST]
        return render(request, "connector/_latest.html", {"connector": connector, "entries": latest})
    before = moment_in(request.GET.get("before", ""))
    context: dict[str, Any] = {
        "page": timeline(connector, older_than=before),
        "before": before,
        "sees_all": may(member, Permission.SEE_AUDIT),
        "has_trail": _has_trail(member, connector),
    }
    if before is None:
        context["runs"] = latest_runs(connector)
        context["files"] = files_by_day(connector, now=timezone.now())
    return render(request, "connector/history.html", context | frame_context(member, connector, tab="history"))


def _has_trail(member: Member, connector: Connector) -> bool:
    """Whether the audit trail of the connector holds anything that the member may see."""
    of_it = AuditFilters(target=str(connector.connector_id))
    return apply_filters(visible_entries(member), of_it).exists()
