"""Incidents: what is not well, since when, and who looks into it; following a connector."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from connectors_app.choices import IncidentKind
from connectors_app.forms.snooze import SnoozeForm
from connectors_app.permissions import (
    Permission,
    current_member,
    get_connector,
    get_incident,
    may,
    requires,
    visible_incidents,
)
from connectors_app.services.alerts import handling
from connectors_app.services.alerts.incident_list import IncidentFilters, listed
from connectors_app.views.going_back import next_page

_PER_PAGE = 25


@require_safe
@requires(Permission.SEE_CONNECTORS)
def incident_list(request: HttpRequest) -> HttpResponse:
    member, filters = current_member(request), IncidentFilters.parse(request.GET)
    found = Paginator(listed(visible_incidents(member), filters, member), _PER_PAGE)
    context = {
        "page_obj": found.get_page(request.GET.get("page")),
        "filters": filters,
        "kinds": IncidentKind.choices,
        "may_handle": may(member, Permission.SNOOZE_ERRORS),
        "may_manage_channels": may(member, Permission.MANAGE_CHANNELS),
        "now": timezone.now(),
    }
    return render(request, "alerts/page.html", context)


@require_POST
@requires(Permission.SNOOZE_ERRORS)
def incident_acknowledge(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    member = current_member(request)
    if handling.acknowledge(get_incident(member, incident_id), by=member, now=timezone.now()):
        messages.success(request, "Acknowledged: nobody is reminded of it any more.")
    else:
        messages.info(request, "Nothing to acknowledge: it is over, or somebody was faster.")
    return _back(request)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.SNOOZE_ERRORS)
def incident_snooze(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    """Asks for how long and why."""
    member, now = current_member(request), timezone.now()
    incident = get_incident(member, incident_id)
    is_snoozed = incident.snoozed_until is not None and incident.snoozed_until > now
    if is_snoozed or not incident.is_open:
        if request.method == "POST":
            messages.info(request, "It is snoozed already." if incident.is_open else "It is over by now.")
        return _back(request)
    form = SnoozeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        handling.snooze(incident, by=member, until=form.until(), reason=form.cleaned_data["reason"])
        messages.success(request, "The incident is snoozed: until then, people are told of its end only.")
        return _back(request)
    return render(
        request, "alerts/snooze.html", {"incident": incident, "form": form, "next": next_page(request, "")}
    )


@require_POST
@requires(Permission.SNOOZE_ERRORS)
def incident_wake(request: HttpRequest, incident_id: UUID) -> HttpResponse:
    member = current_member(request)
    handling.wake(get_incident(member, incident_id), by=member)
    messages.success(request, "The incident is no longer snoozed.")
    return _back(request)


@require_POST
@requires(Permission.SEE_CONNECTORS)
def connector_follow(request: HttpRequest, connector_id: UUID) -> HttpResponse:
    """POST follows, with `unfollow` ends it."""
    member = current_member(request)
    connector = get_connector(member, connector_id)
    if "unfollow" in request.POST:
        handling.unfollow(connector, member=member)
        messages.success(request, "You hear no more of this connector.")
    else:
        handling.follow(connector, member=member)
        choices = reverse("my_notifications")
        words = (
            'You hear of this connector\'s incidents as <a class="alert-link" href="{}">My notifications</a> say.'
        )
        messages.success(request, format_html(words, choices))
    return redirect("connector_detail", connector_id)


def _back(request: HttpRequest) -> HttpResponse:
    return redirect(next_page(request, "alerts"))
