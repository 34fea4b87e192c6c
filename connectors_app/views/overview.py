"""The overview: how the organization's connectors are doing."""

from dataclasses import dataclass

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from connectors_app.choices import State
from connectors_app.permissions import Permission, current_member, may, requires, visible_connectors
from connectors_app.services.freshness import seen_at_by_organization


@dataclass(frozen=True, slots=True)
class StateCount:
    state: State
    count: int


@require_safe
@requires(Permission.SEE_CONNECTORS)
def overview(request: HttpRequest) -> HttpResponse:
    member = current_member(request)
    rows = visible_connectors(member).order_by().values_list("state").annotate(count=Count("pk"))
    counts = dict(rows)
    context = {
        "states": [StateCount(state, counts[state]) for state in State if counts.get(state)],
        "total": sum(counts.values()),
        "api_key": member.key,
        "may_create": may(member, Permission.CREATE_CONNECTORS),
        "seen_at": seen_at_by_organization(member.organization),
    }
    return render(request, "overview/page.html", context)
