"""Asking for bulk work: what was selected is shown with what will happen, then confirmed."""

from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from connectors_app.choices import BulkAction
from connectors_app.connector_types import CONNECTOR_TYPES
from connectors_app.forms.bulk import BulkSyncForm, NothingToAsk, SenderForm
from connectors_app.models import ApiKey, Bulk, Connector, Member
from connectors_app.permissions import Permission, current_member, record_not_theirs, requires
from connectors_app.services import bulk as bulk_service
from connectors_app.services.bulk import MOST_CONNECTORS
from connectors_app.views.bulk_common import as_uuid, require_action, start_work
from connectors_app.views.bulk_selection import Selection, select, selected_ids


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.ASK_FOR_SYNC)
def bulk_new(request: HttpRequest) -> HttpResponse:
    """First what was selected (`connector`s or `all_matching`) is shown; with `confirm` it is carried out."""
    if request.method != "POST":
        return redirect("connector_list")
    member, action = current_member(request), _action(request.POST.get("action", ""))
    require_action(member, action)
    ids = selected_ids(request)
    if not ids or len(ids) > MOST_CONNECTORS:
        return _back_to_list(request, too_many=bool(ids))
    selection = select(member, action, ids)
    form_class = _form_class(action, selection.chosen)
    if "confirm" not in request.POST:
        return _show_confirm(request, action, selection, form_class())
    form = form_class(request.POST)
    if not selection.chosen or not form.is_valid():
        return _show_confirm(request, action, selection, form)
    bulk = _start(member, request.POST.get("bulk_id", ""), action, form, selection.chosen)
    return redirect("bulk_detail", bulk.pk)


def _action(text: str) -> BulkAction:
    try:
        return BulkAction(text)
    except ValueError:
        raise Http404 from None


def _back_to_list(request: HttpRequest, *, too_many: bool) -> HttpResponse:
    if too_many:
        messages.warning(request, f"At most {MOST_CONNECTORS:,} connectors at once. Narrow the list down first.")
    else:
        messages.warning(request, "Nothing was selected. Tick the connectors first.")
    return redirect("connector_list")


def _form_class(action: BulkAction, chosen: list[Connector]) -> type[forms.Form]:
    if action in {BulkAction.ADD_SENDER, BulkAction.REMOVE_SENDER}:
        return SenderForm
    needs_date = action == BulkAction.SYNC and any(CONNECTOR_TYPES[c.type].needs_date_limit for c in chosen)
    return BulkSyncForm if needs_date else NothingToAsk


def _show_confirm(
    request: HttpRequest, action: BulkAction, selection: Selection, form: forms.Form
) -> HttpResponse:
    context = {
        "action": action,
        "selection": selection,
        "form": form,
        "asks": bool(form.fields),
        "connectors": " ".join(str(connector.connector_id) for connector in selection.chosen),
        "bulk_id": request.POST.get("bulk_id") or uuid4(),
        **_whose_keys(current_member(request), selection.chosen),
    }
    return render(request, "bulk/confirm.html", context)


def _whose_keys(member: Member, chosen: list[Connector]) -> dict[str, Any]:
    """The owners whose keys the changes go out with, and whether the member's own is among them."""
    own = {each.pk for each in chosen if each.could_belong_to(member)}
    others = {each.bigdata_user_id for each in chosen if each.pk not in own}
    keys = ApiKey.objects.usable().filter(
        organization=member.organization_id, member__is_active=True, member__bigdata_user_id__in=others - {""}
    )
    return {
        "key_owners": sorted(set(keys.values_list("member__email", flat=True))) if others else [],
        "with_own_key": any(each.pk in own for each in chosen),
    }


def _start(member: Member, bulk_id: str, action: BulkAction, form: forms.Form, chosen: list[Connector]) -> Bulk:
    parameters = {name: str(value) for name, value in form.cleaned_data.items()}
    try:
        bulk = bulk_service.start(
            bulk_id=as_uuid(bulk_id) or uuid4(),
            actor=member,
            action=action,
            parameters=parameters,
            connectors=chosen,
        )
    except bulk_service.ForeignBulk:
        record_not_theirs(member, Bulk, bulk_id)
        raise Http404 from None
    start_work(bulk)
    return bulk
