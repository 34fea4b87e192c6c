"""What the pages that change a connector share."""

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render

from connectors_app.choices import OperationKind, Outcome
from connectors_app.models import Connector, Member, Operation
from connectors_app.permissions import current_member, get_connector, record_not_theirs, require_change
from connectors_app.services import operations
from connectors_app.services.changes import key_for_change
from connectors_app.services.upstream import KeyProblem
from connectors_app.views.frame import frame_context

_DONE = {
    OperationKind.CREATE: "The connector was created.",
    OperationKind.UPDATE: "Your changes were saved.",
    OperationKind.ARCHIVE: "It is archived. Nothing new comes in; its documents stay searchable.",
    OperationKind.DELETE: "Its deletion has begun. This page says when it is over.",
    OperationKind.SYNC: "A sync was asked for. Its result shows here when it comes in.",
}


def changeable_connector(request: HttpRequest, connector_id: UUID, kind: OperationKind) -> Connector:
    """A connector that the member sees (else a 404) and may change in this way (else a 403)."""
    member = current_member(request)
    connector = get_connector(member, connector_id)
    require_change(member, connector, kind)
    return connector


def form_operation_id(request: HttpRequest) -> UUID:
    """The id that travels in the form; a fresh one where it is missing or unreadable."""
    try:
        return UUID(request.POST.get("operation_id", ""))
    except ValueError:
        return uuid4()


def sent_before(request: HttpRequest) -> Operation | None:
    """What this very form was sent for already, and did not fail: a double click, a reload, the back button."""
    if request.method != "POST":
        return None
    member, operation_id = current_member(request), form_operation_id(request)
    try:
        return operations.find(operation_id, member)
    except operations.ForeignOperation:
        record_not_theirs(member, Operation, operation_id)
        raise Http404 from None


def redirect_to_result(request: HttpRequest, operation: Operation) -> HttpResponseRedirect:
    """Where a change leads: to its connector, else to the page that follows the operation."""
    connector = operation.connector
    if operation.outcome != Outcome.SUCCEEDED or connector is None:
        return redirect("operation", operation.pk)
    if operation.kind == OperationKind.CREATE and "replaces" not in operation.request:
        return redirect("connector_created", connector.connector_id)
    messages.success(request, _DONE[OperationKind(operation.kind)])
    return redirect("connector_detail", connector.connector_id)


def refuse(request: HttpRequest, connector: Connector, title: str, reason: str) -> HttpResponse:
    """The page of a change that is not possible, which says why. Asking for it all the same is a 400."""
    context = {**frame_context(current_member(request), connector, tab=""), "title": title, "reason": reason}
    status = 400 if request.method == "POST" else 200
    return render(request, "connector_actions/not_possible.html", context, status=status)


def add_errors(form: forms.Form, operation: Operation) -> None:
    """Upstream's refusal at the fields it is about; the page shows the operation's message above the form."""
    for name, text in operation.field_errors.items():
        form.add_error(name if name in form.fields else None, text)


def key_context(member: Member, connector: Connector) -> dict[str, Any]:
    """Whose key the change goes out with, where it is another member's, or why there is none."""
    try:
        owner = key_for_change(connector, member).member
    except KeyProblem as problem:
        return {"key_problem": problem.message, "is_own_key": connector.could_belong_to(member)}
    return {"key_owner": owner if owner != member else None}
