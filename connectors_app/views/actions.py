"""Sync now, Archive, Delete for good: each a page that says what will happen, and a form that does it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from connectors_app.choices import OperationKind, Outcome
from connectors_app.connector_types import CONNECTOR_TYPES
from connectors_app.forms.actions import DeleteForm, SyncForm
from connectors_app.models import Connector, Member, Operation
from connectors_app.permissions import Permission, current_member, requires
from connectors_app.services.actions import why_not
from connectors_app.services.changes import archive, ask_for_sync, delete_for_good
from connectors_app.services.deletion import count_documents
from connectors_app.services.operations import ForeignOperation
from connectors_app.services.syncs import default_date_limit
from connectors_app.services.upstream import KeyProblem
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


@dataclass(frozen=True, slots=True)
class Action:
    """One kind of change: its page, its form, the service that carries it out."""

    kind: OperationKind
    template: str
    make_form: Callable[[Connector, QueryDict | None], forms.Form]
    send: Callable[[Connector, Member, UUID, dict[str, Any]], Operation]
    context: Callable[[Connector, Member, forms.Form], dict[str, Any]] = lambda *_: {}


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.ASK_FOR_SYNC)
def connector_sync(request: HttpRequest, connector_id: UUID) -> HttpResponse:
    return _answer(request, connector_id, _SYNC)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.CHANGE_OWN_CONNECTORS)
def connector_archive(request: HttpRequest, connector_id: UUID) -> HttpResponse:
    return _answer(request, connector_id, _ARCHIVE)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.CHANGE_OWN_CONNECTORS)
def connector_delete(request: HttpRequest, connector_id: UUID) -> HttpResponse:
    """Fields `label` (typed) and `force_delete` (ticked)."""
    return _answer(request, connector_id, _DELETE)


def _answer(request: HttpRequest, connector_id: UUID, action: Action) -> HttpResponse:
    connector = changeable_connector(request, connector_id, action.kind)
    sent = sent_before(request)
    if sent is not None:
        return redirect_to_result(request, sent)
    reason = why_not(connector, action.kind)
    if reason:
        return refuse(request, connector, action.kind.label, reason)
    form = action.make_form(connector, request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _show(request, connector, action, form)
    return _send(request, connector, action, form)


def _send(request: HttpRequest, connector: Connector, action: Action, form: forms.Form) -> HttpResponse:
    try:
        operation = action.send(connector, current_member(request), form_operation_id(request), form.cleaned_data)
    except KeyProblem as problem:
        return _show(request, connector, action, form, trouble=problem.message)
    except ForeignOperation:
        raise Http404 from None
    if operation.outcome != Outcome.FAILED:
        return redirect_to_result(request, operation)
    add_errors(form, operation)
    return _show(request, connector, action, form, trouble=operation.message, operation_id=uuid4())


def _show(
    request: HttpRequest,
    connector: Connector,
    action: Action,
    form: forms.Form,
    *,
    trouble: str = "",
    operation_id: UUID | None = None,
) -> HttpResponse:
    """The page. What failed has done nothing: sent again it is a new operation, with an id of its own."""
    member = current_member(request)
    context = {
        **frame_context(member, connector, tab=""),
        **key_context(member, connector),
        **action.context(connector, member, form),
        "form": form,
        "trouble": trouble,
        "operation_id": operation_id or form_operation_id(request),
    }
    return render(request, action.template, context)


def _sync_form(connector: Connector, data: QueryDict | None) -> forms.Form:
    if not CONNECTOR_TYPES[connector.type].needs_date_limit:
        return forms.Form(data)
    today = timezone.localdate()
    return SyncForm(data, initial={"date_limit": default_date_limit(connector, today=today)})


def _delete_context(connector: Connector, member: Member, form: forms.Form) -> dict[str, Any]:
    documents = count_documents(connector, member=member)
    # Of the field as this page shows it: validation may have made it already.
    form["force_delete"].label = f"I know that deleting it deletes its {documents}"
    return {"documents": documents, "label_to_type": _label_to_type(connector)}


def _label_to_type(connector: Connector) -> str:
    """Its label; its id where upstream holds a label that can't be typed."""
    return connector.label.strip() or str(connector.connector_id)


_SYNC = Action(
    OperationKind.SYNC,
    "connector_actions/sync.html",
    _sync_form,
    lambda connector, member, operation_id, values: ask_for_sync(
        connector, member=member, operation_id=operation_id, date_limit=values.get("date_limit")
    ),
)
_ARCHIVE = Action(
    OperationKind.ARCHIVE,
    "connector_actions/archive.html",
    lambda _, data: forms.Form(data),
    lambda connector, member, operation_id, _: archive(connector, member=member, operation_id=operation_id),
)
_DELETE = Action(
    OperationKind.DELETE,
    "connector_actions/delete.html",
    lambda connector, data: DeleteForm(data, expected=_label_to_type(connector)),
    lambda connector, member, operation_id, _: delete_for_good(
        connector, member=member, operation_id=operation_id
    ),
    _delete_context,
)
