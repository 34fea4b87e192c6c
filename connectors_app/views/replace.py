"""Replace credentials: a broker connector's successor, created with another login."""

from typing import Any
from uuid import UUID, uuid4

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from connectors_app.choices import OperationKind, Outcome
from connectors_app.forms.replace import ReplaceForm
from connectors_app.models import Connector, Member
from connectors_app.permissions import (
    Permission,
    current_member,
    get_own_operation,
    requires,
    visible_connectors,
)
from connectors_app.services.operations import ForeignOperation
from connectors_app.services.replacing import (
    open_replacement,
    replace_credentials,
    successor_of,
    why_no_replacement,
)
from connectors_app.services.upstream import KeyProblem, usable_key_of
from connectors_app.views.changing import (
    add_errors,
    changeable_connector,
    form_operation_id,
    redirect_to_result,
    sent_before,
)
from connectors_app.views.frame import frame_context


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.CREATE_CONNECTORS)
def connector_replace(request: HttpRequest, connector_id: UUID) -> HttpResponse:
    """Fields `user_id` and `user_password`, for who may edit the connector."""
    connector = changeable_connector(request, connector_id, OperationKind.UPDATE)
    sent = sent_before(request)
    if sent is not None:
        return redirect_to_result(request, sent)
    reason = why_no_replacement(connector)
    under_way = None if reason else open_replacement(connector)
    if reason or under_way:
        context = {"reason": reason, "under_way": under_way, "successor": _visible_successor(request, connector)}
        return _render(request, connector, context, status=400 if request.method == "POST" else 200)
    form = ReplaceForm(request.POST if request.method == "POST" else None, initial=_initial(request, connector))
    return _send(request, connector, form) if form.is_valid() else _show_form(request, connector, form)


def _send(request: HttpRequest, connector: Connector, form: ReplaceForm) -> HttpResponse:
    try:
        operation = replace_credentials(
            connector,
            member=current_member(request),
            operation_id=form_operation_id(request),
            **form.cleaned_data,
        )
    except KeyProblem as problem:
        return _show_form(request, connector, form, trouble=problem.message)
    except ForeignOperation:
        raise Http404 from None
    if operation.outcome != Outcome.FAILED:
        return redirect_to_result(request, operation)
    add_errors(form, operation)
    return _show_form(request, connector, form, trouble=operation.message, operation_id=uuid4())


def _show_form(
    request: HttpRequest,
    connector: Connector,
    form: ReplaceForm,
    *,
    trouble: str = "",
    operation_id: UUID | None = None,
) -> HttpResponse:
    member = current_member(request)
    context = {
        "form": form,
        "trouble": trouble,
        "operation_id": operation_id or form_operation_id(request),
        # Not known to be the member's own: the successor will be.
        "changes_hands": connector.bigdata_user_id != member.bigdata_user_id,
        "is_own_key": True,
        "key_problem": _key_problem(member),
    }
    return _render(request, connector, context)


def _key_problem(member: Member) -> str:
    try:
        usable_key_of(member)
    except KeyProblem as problem:
        return f"Creating needs your own API key. {problem.message}"
    return ""


def _render(
    request: HttpRequest, connector: Connector, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    frame = frame_context(current_member(request), connector, tab="")
    return render(request, "connector_replace/page.html", frame | context, status=status)


def _visible_successor(request: HttpRequest, connector: Connector) -> Connector | None:
    successor = successor_of(connector)
    if successor is None:
        return None
    return visible_connectors(current_member(request)).filter(pk=successor.pk).first()


def _initial(request: HttpRequest, connector: Connector) -> dict[str, Any]:
    """The login name that it has; or the one typed for a replacement that failed (`?again=<operation>`)."""
    try:
        again = UUID(request.GET.get("again", ""))
    except ValueError:
        return {"user_id": connector.broker_user_id}
    operation = get_own_operation(current_member(request), again)
    if operation.request.get("replaces") != str(connector.connector_id):
        raise Http404
    return {"user_id": operation.request["config"]["user_id"]}
