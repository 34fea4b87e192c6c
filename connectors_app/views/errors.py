"""Errors, by cause: what fails, since when, who else has it, and what to do."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from connectors_app.connector_types import CONNECTOR_TYPES
from connectors_app.forms.snooze import SnoozeForm
from connectors_app.models import Connector, ErrorGroup, Member
from connectors_app.models.connector import ConnectorQuerySet
from connectors_app.permissions import (
    Permission,
    current_member,
    get_error_group,
    may,
    requires,
    visible_connectors,
)
from connectors_app.services import errors as service
from connectors_app.services.listing import ListFilters, apply_filters, owners, with_owner_email

_PER_PAGE = 25
# What the actions of causes take, for one's own connector and for any.
_PERMISSIONS = {
    "connector_replace": (Permission.CHANGE_OWN_CONNECTORS, Permission.CHANGE_ANY_CONNECTOR),
    "connector_sync": (Permission.ASK_FOR_SYNC, Permission.ASK_FOR_ANY_SYNC),
}


@require_safe
@requires(Permission.SEE_CONNECTORS)
def error_list(request: HttpRequest) -> HttpResponse:
    """The groups that connectors fail with now; those that are snoozed on a tab of their own."""
    member, now = current_member(request), timezone.now()
    visible = visible_connectors(member)
    filters = ListFilters.parse({name: request.GET.get(name, "") for name in ("type", "owner")})
    groups = service.groups_in_use(_narrowed(visible, filters), now=now)
    shows_snoozed = "snoozed" in request.GET
    shown = [each for each in groups if each.group.is_snoozed(now=now) == shows_snoozed]
    context = {
        "page_obj": Paginator(shown, _PER_PAGE).get_page(request.GET.get("page")),
        "connectors": sum(each.connectors for each in shown),
        "snoozed": shows_snoozed,
        "counts": {"snoozed": sum(each.group.is_snoozed(now=now) for each in groups), "all": len(groups)},
        "filters": filters,
        "types": list(CONNECTOR_TYPES.values()),
        "owners": owners(service.failing(visible), member),
    }
    return render(request, "errors/page.html", context)


@require_safe
@requires(Permission.SEE_CONNECTORS)
def error_detail(request: HttpRequest, group_id: UUID) -> HttpResponse:
    member, now = current_member(request), timezone.now()
    group = get_error_group(member, group_id)
    return _group_page(request, group, SnoozeForm(), now)


@require_http_methods(["POST"])
@requires(Permission.SNOOZE_ERRORS)
def error_snooze(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """POST with `days` and `reason` snoozes, with `wake` ends it."""
    member = current_member(request)
    group = get_error_group(member, group_id)
    if "wake" in request.POST:
        service.wake(group, by=member)
        messages.success(request, "The error is no longer snoozed.")
        return redirect("error_detail", group.pk)
    form = SnoozeForm(request.POST)
    if not form.is_valid():
        return _group_page(request, group, form, timezone.now())
    service.snooze(group, by=member, until=form.until(), reason=form.cleaned_data["reason"])
    messages.success(request, "The error is snoozed. Its connectors keep their state.")
    return redirect("error_detail", group.pk)


def _group_page(request: HttpRequest, group: ErrorGroup, form: SnoozeForm, now: datetime) -> HttpResponse:
    member = current_member(request)
    visible = visible_connectors(member)
    affected = with_owner_email(service.failing(visible).filter(error_group=group))
    evidence = service.evidence_of(group, visible)
    paginator = Paginator(affected.order_by("failing_since", "pk"), _PER_PAGE)
    paginator.count = evidence.connectors  # One query less.
    page = paginator.get_page(request.GET.get("page"))
    context = {
        "may_act": _may_act(member, group, page.object_list),
        "group": group,
        "cause": group.get_cause(),
        "evidence": evidence,
        "page_obj": page,
        "trend": service.trend_of(group, visible, now=now),
        "snoozed": group.is_snoozed(now=now),
        "may_snooze": may(member, Permission.SNOOZE_ERRORS),
        "form": form,
    }
    return render(request, "errors/group.html", context)


def _may_act(member: Member, group: ErrorGroup, connectors: Iterable[Connector]) -> set[int]:
    """Of which of the connectors the member may surely do what the cause asks for; the others' pages say more."""
    target = group.get_cause().help.target
    if target not in _PERMISSIONS:
        return {connector.pk for connector in connectors}
    own, any_other = _PERMISSIONS[target]
    if may(member, any_other):
        return {connector.pk for connector in connectors}
    return {
        connector.pk
        for connector in connectors
        if may(member, own) and connector.bigdata_user_id == member.bigdata_user_id
    }


def _narrowed(visible: ConnectorQuerySet, filters: ListFilters) -> ConnectorQuerySet:
    return apply_filters(visible, filters).order_by()
