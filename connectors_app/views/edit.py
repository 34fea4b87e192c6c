"""Edit: reads the latest first, shows what will change, and refuses with both versions if somebody was faster."""

from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.module_loading import import_string
from django.views.decorators.http import require_http_methods

from connectors_app.choices import OperationKind, Outcome
from connectors_app.connector_types import CONNECTOR_TYPES
from connectors_app.forms.edit import EditForm
from connectors_app.models import Connector
from connectors_app.permissions import Permission, current_member, get_own_operation, requires
from connectors_app.services.actions import why_not
from connectors_app.services.changes import EditConflict, Values, read_for_edit, save_changes
from connectors_app.services.differences import Differences
from connectors_app.services.operations import ForeignOperation
from connectors_app.services.senders import lint
from connectors_app.services.upstream import KeyProblem, UpstreamError
from connectors_app.views.changing import (
    add_errors,
    changeable_connector,
    form_operation_id,
    key_context,
    redirect_to_result,
    refuse,
    sent_before,
)
from connectors_app.views.frame import frame_context


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.CHANGE_OWN_CONNECTORS)
def connector_edit(request: HttpRequest, connector_id: UUID) -> HttpResponse:
    """Besides the fields: `version` (the `updated_at` that the form was opened with), `confirmed`, `back`."""
    connector = changeable_connector(request, connector_id, OperationKind.UPDATE)
    sent = sent_before(request)
    if sent is not None:
        return redirect_to_result(request, sent)
    reason = why_not(connector, OperationKind.UPDATE)
    if reason:
        return refuse(request, connector, "Edit", reason)
    return _take(request, connector) if request.method == "POST" else _open(request, connector)


def _open(request: HttpRequest, connector: Connector) -> HttpResponse:
    member = current_member(request)
    try:
        connector = read_for_edit(connector, member=member)
    except (UpstreamError, KeyProblem) as error:
        context = {**frame_context(member, connector, tab=""), **key_context(member, connector)}
        return render(request, "connector_edit/unread.html", context | {"trouble": error.message})
    form = _form_class(connector)(current=_current(connector), initial=_typed_before(request, connector))
    return _show_form(request, connector, form, version=connector.updated_at)


def _take(request: HttpRequest, connector: Connector) -> HttpResponse:
    form = _form_class(connector)(request.POST, current=_current(connector))
    version = _version(request)
    if not form.is_valid():
        return _show_form(request, connector, form, version=version)
    values = Values(**form.cleaned_data)
    if values == Values.of(connector):
        messages.info(request, "Nothing to save: you changed nothing.")
        return redirect("connector_detail", connector.connector_id)
    if version != connector.updated_at:
        return _show_conflict(request, connector, form, values)
    if "back" in request.POST:
        return _show_form(request, connector, form, version=version)
    differences = Differences(Values.of(connector), values)
    if differences.need_confirming and request.POST.get("confirmed") != "1":
        hints = lint(differences.added_senders)
        return _show_form(request, connector, form, version=version, differences=differences, sender_hints=hints)
    return _save(request, connector, form, version, values)


def _save(
    request: HttpRequest, connector: Connector, form: EditForm, version: datetime, values: Values
) -> HttpResponse:
    member, operation_id = current_member(request), form_operation_id(request)
    try:
        operation = save_changes(
            connector, member=member, operation_id=operation_id, version=version, values=values
        )
    except EditConflict as conflict:
        # The other half of a double click may have been the faster one.
        sent = sent_before(request)
        if sent is not None:
            return redirect_to_result(request, sent)
        return _show_conflict(request, conflict.connector, form, values)
    except (UpstreamError, KeyProblem) as error:
        return _show_form(request, connector, form, version=version, trouble=error.message)
    except ForeignOperation:
        raise Http404 from None
    if operation.outcome != Outcome.FAILED:
        return redirect_to_result(request, operation)
    add_errors(form, operation)
    return _show_form(request, connector, form, version=version, trouble=operation.message, operation_id=uuid4())


def _show_conflict(request: HttpRequest, connector: Connector, form: EditForm, values: Values) -> HttpResponse:
    """Both versions. The form now knows the newer one, so that saving again overwrites it on purpose."""
    conflict = Differences(Values.of(connector), values)
    return _show_form(request, connector, form, version=connector.updated_at, conflict=conflict)


def _show_form(
    request: HttpRequest,
    connector: Connector,
    form: forms.Form,
    *,
    version: datetime | None,
    operation_id: UUID | None = None,
    **more: Any,
) -> HttpResponse:
    """The form; with `differences` the page that asks whether they are meant, which carries it hidden."""
    member = current_member(request)
    context = {
        **frame_context(member, connector, tab=""),
        **key_context(member, connector),
        "form": form,
        "version": version.isoformat() if version else "",
        "operation_id": operation_id or form_operation_id(request),
        **more,
    }
    template = "connector_edit/confirm.html" if "differences" in more else "connector_edit/form.html"
    return render(request, template, context)


def _form_class(connector: Connector) -> type[EditForm]:
    form_class: type[EditForm] = import_string(CONNECTOR_TYPES[connector.type].edit_form)
    return form_class


def _current(connector: Connector) -> dict[str, Any]:
    return asdict(Values.of(connector))


def _version(request: HttpRequest) -> datetime | None:
    """None where it is missing or unreadable, which is no version that a connector has."""
    try:
        return parse_datetime(request.POST.get("version", ""))
    except ValueError:
        return None


def _typed_before(request: HttpRequest, connector: Connector) -> dict[str, Any]:
    """What was typed for a save that turned out not to have happened (`?again=<operation>`)."""
    try:
        again = UUID(request.GET.get("again", ""))
    except ValueError:
        return {}
    operation = get_own_operation(current_member(request), again)
    if operation.connector_id != connector.pk or operation.kind != OperationKind.UPDATE:
        raise Http404
    asked = operation.request
    return {**{name: asked[name] for name in asked if name != "config"}, **asked.get("config", {})}
