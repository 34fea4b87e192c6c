"""The overview: how the organization's connectors are doing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from connectors_app.accounts.member_limits import limited
from connectors_app.choices import NEEDS_ATTENTION, State
from connectors_app.models import ApiKey, Member
from connectors_app.permissions import (
    Permission,
    current_member,
    may,
    requires,
    visible_connectors,
    visible_incidents,
)
from connectors_app.services import errors, organization_keys
from connectors_app.services.alerts.incident_list import OPEN, YES, IncidentFilters, listed
from connectors_app.services.overview import DEFAULT_PERIOD, PERIODS, Slot, count_states, syncs_over_time
from connectors_app.services.polling import poll_now
from connectors_app.views.first_steps import first_step
from connectors_app.views.going_back import next_page

_TONES = ("danger", "warning", "info", "success", "secondary")
_WORST_FIRST = sorted(State, key=lambda state: _TONES.index(state.tone))


@dataclass(frozen=True, slots=True)
class StateCount:
    state: State
    count: int


@dataclass(frozen=True, slots=True)
class KeysInNeed:
    """How many members' keys ask for an admin's attention, for one reason."""

    health: str
    count: int


@require_POST
@requires(Permission.MANAGE_OWN_KEY)
@limited("poll")
def refresh_now(request: HttpRequest) -> HttpResponse:
    """Asks Bigdata.com for everything that one's own key sees, at once."""
    member = current_member(request)
    if member.key is None or not member.key.is_usable:
        messages.error(request, "You have no working API key. Add or replace yours first.")
    elif poll_now(member.key):
        messages.success(request, "Up to date: Bigdata.com was just asked with your key.")
    else:
        messages.error(request, ApiKey.objects.get(pk=member.key.pk).last_poll_error)
    return redirect(next_page(request, "overview"))


@require_safe
@requires(Permission.SEE_CONNECTORS)
def overview(request: HttpRequest) -> HttpResponse:
    """With `mine`, of one's own connectors only."""
    member, now = current_member(request), timezone.now()
    mine = member.bigdata_user_id if "mine" in request.GET else ""
    visible = visible_connectors(member)
    connectors = visible.filter(bigdata_user_id=mine) if mine else visible
    counts = count_states(connectors)
    period = request.GET.get("period", "")
    period = period if period in PERIODS else DEFAULT_PERIOD
    slots = syncs_over_time(connectors, period=period, now=now)
    total, archived = sum(counts.values()), counts.get(State.ARCHIVED, 0)
    any_connectors = total > 0 or (mine != "" and visible.exists())
    context = {
        "first_step": first_step(member, any_connectors=any_connectors),
        "any_connectors": any_connectors,
        "mine": mine,
        "failing": errors.failing_now(connectors, now=now, at_most=3) if counts.get(State.FAILING) else None,
        "own_incidents": _own_incidents(member) if mine else 0,
        "keys_in_need": _keys_in_need(member, now) if may(member, Permission.SEE_KEYS) and not mine else [],
        "needs_attention": sum(counts.get(state, 0) for state in NEEDS_ATTENTION),
        "states": [StateCount(state, counts[state]) for state in _WORST_FIRST if counts.get(state)],
        "total": total,
        "archived": archived,
        "in_use": total - archived,
        "api_key": member.key,
        "may_create": may(member, Permission.CREATE_CONNECTORS),
        "period": period,
        "period_in_words": PERIODS[period].words,
        "periods": PERIODS,
        "slots": slots,
        "totals": {name: sum(getattr(slot, name) for slot in slots) for name in ("succeeded", "failed", "items")},
        "plots": _plots(slots, period),
    }
    return render(request, "overview/page.html", context)


def _own_incidents(member: Member) -> int:
    return listed(visible_incidents(member), IncidentFilters(state=OPEN, mine=YES), member).count()


def _keys_in_need(member: Member, now: datetime) -> list[KeysInNeed]:
    counts = organization_keys.in_need(member.organization, today=timezone.localdate(now))
    if member.key is None and counts.get(organization_keys.MISSING) == 1:
        del counts[organization_keys.MISSING]  # Their own: the page says so already.
    return [KeysInNeed(health, count) for health, count in counts.items()]


def _plots(slots: list[Slot], period: str) -> dict[str, Any]:
    """What `static/js/charts.js` draws."""
    return {
        "labels": [
            timezone.localtime(slot.at).strftime("%H:00") if period == "24h" else f"{slot.at.day} {slot.at:%b}"
            for slot in slots
        ],
        "syncs": [
            {"label": "Succeeded", "tone": "success", "values": [slot.succeeded for slot in slots]},
            {"label": "Failed", "tone": "danger", "values": [slot.failed for slot in slots]},
        ],
        "items": [{"label": "Items taken in", "tone": "info", "values": [slot.items for slot in slots]}],
    }
