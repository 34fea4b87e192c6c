"""New connector: pick a type, fill in its form, see what was created and what to do next."""

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.module_loading import import_string
from django.views.decorators.http import require_http_methods, require_safe

from connectors_app.choices import OperationKind, Outcome
from connectors_app.connector_types import CONNECTOR_TYPES, ConnectorType
from connectors_app.models import Operation
from connectors_app.permissions import (
    Permission,
    current_member,
    get_connector,
    get_own_operation,
    may_change,
    record_not_theirs,
    requires,
)
from connectors_app.services.connectors import create_connector, just_asked_for
from connectors_app.services.operations import ForeignOperation
from connectors_app.services.upstream import KeyProblem, usable_key_of
from connectors_app.views.changing import add_errors, form_operation_id, redirect_to_result, sent_before


@require_safe
@requires(Permission.CREATE_CONNECTORS)
def connector_new(request: HttpRequest) -> HttpResponse:
    return _stopped_key(request) or render(request, "connector_new/page.html", {"types": CONNECTOR_TYPES.values()})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.CREATE_CONNECTORS)
def connector_create(request: HttpRequest, type_key: str) -> HttpResponse:
    connector_type = CONNECTOR_TYPES.get(type_key)
    if connector_type is None:
        raise Http404
    form_class: type[forms.Form] = import_string(connector_type.form)
    if request.method != "POST":
        form = form_class(initial=_initial(request, connector_type))
        return _stopped_key(request) or _show_form(request, connector_type, form)
    form = form_class(request.POST)
    if not form.is_valid():
        return _show_form(request, connector_type, form, operation_id=form_operation_id(request))
    if alike := _made_before(request, connector_type, form.cleaned_data["label"]):
        return _show_form(request, connector_type, form, operation_id=form_operation_id(request), alike=alike)
    try:
        operation = _create(request, connector_type, form.cleaned_data)
    except KeyProblem as problem:
        form.add_error(None, problem.message)
        return _show_form(request, connector_type, form)
    if operation.outcome == Outcome.FAILED:
        add_errors(form, operation)
        return _show_form(request, connector_type, form, failed=operation)
    return redirect_to_result(request, operation)


@require_safe
@requires(Permission.SEE_CONNECTORS)
def connector_created(request: HttpRequest, connector_id: UUID) -> HttpResponse:
    member = current_member(request)
    connector = get_connector(member, connector_id)
    connector_type = CONNECTOR_TYPES.get(connector.type)
    if connector_type is None:
        return redirect("connector_detail", connector_id)
    allowed = {sender.casefold() for sender in connector.allowed_emails}
    context = {
        "connector": connector,
        "connector_type": connector_type,
        "viewer_may_send": member.email.casefold() in allowed,
        "may_edit": may_change(member, connector, OperationKind.UPDATE),
    }
    return render(request, "connector_created/page.html", context)


def _stopped_key(request: HttpRequest) -> HttpResponse | None:
    """For who has no key that can be used: what to do, in place of a form that could not be sent."""
    member = current_member(request)
    try:
        usable_key_of(member)
    except KeyProblem as problem:
        return render(request, "api_keys/stopped.html", {"api_key": member.key, "problem": problem.message})
    return None


def _made_before(request: HttpRequest, connector_type: ConnectorType, label: str) -> Operation | None:
    """One of that label that the member has just created by another form, unless they know and want `another`.

    The back button brings the form filled in, with a new id: browsers restore what was typed, nothing hidden.
    """
    if "another" in request.POST:
        return None
    alike = just_asked_for(current_member(request), connector_type, label)
    # In this order: what a click at the very same time has just begun by this form is found by both.
    return None if alike is None or sent_before(request) else alike


def _create(request: HttpRequest, connector_type: ConnectorType, values: dict[str, Any]) -> Operation:
    member, operation_id = current_member(request), form_operation_id(request)
    try:
        return create_connector(
            member=member,
            operation_id=operation_id,
            connector_type=connector_type,
            label=values["label"],
            description=values["description"],
            share_with_org=values["share_with_org"],
            config={name: values[name] for name in connector_type.config_fields},
        )
    except ForeignOperation:
        record_not_theirs(member, Operation, operation_id)
        raise Http404 from None


def _show_form(
    request: HttpRequest,
    connector_type: ConnectorType,
    form: forms.Form,
    *,
    operation_id: UUID | None = None,
    failed: Operation | None = None,
    alike: Operation | None = None,
) -> HttpResponse:
    context = {
        "connector_type": connector_type,
        "form": form,
        # What failed has done nothing: the corrected form is a new operation.
        "operation_id": operation_id or uuid4(),
        "failed": failed,
        "alike": alike,
        "secret_was_typed": any(form.data.get(name) for name in connector_type.secret_fields),
        "api_key": current_member(request).key,
    }
    return render(request, "connector_new/form.html", context)


def _initial(request: HttpRequest, connector_type: ConnectorType) -> dict[str, Any]:
    """What was typed for an operation that failed, but for its secrets (`?again=<operation>`)."""
    again = request.GET.get("again")
    if not again:
        return {}
    try:
        operation = get_own_operation(current_member(request), UUID(again))
    except ValueError:
        raise Http404 from None
    if operation.connector_type != connector_type.key:
        raise Http404
    asked = operation.request
    return {**{name: asked[name] for name in asked if name != "config"}, **asked.get("config", {})}
