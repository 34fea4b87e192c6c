"""The page that follows a change until it is known how it ended."""

from contextlib import suppress
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from connectors_app.choices import OperationKind, Outcome
from connectors_app.connector_types import CONNECTOR_TYPES
from connectors_app.models import Operation
from connectors_app.permissions import Permission, current_member, get_own_operation, requires
from connectors_app.services import operations, polling
from connectors_app.services.connectors import refresh_connector
from connectors_app.services.upstream import KeyProblem, UpstreamError
from connectors_app.views.changing import redirect_to_result
from connectors_app.views.shell import asked_before

_MOST_DIGITS = 18
_FOLLOW_SECONDS = (2, 3, 5, 10, 10, 20, 30, 30, 60, 60)
_ASKED_FOR_AT = {
    OperationKind.UPDATE: "connector_edit",
    OperationKind.ARCHIVE: "connector_archive",
    OperationKind.DELETE: "connector_delete",
    OperationKind.SYNC: "connector_sync",
}


@require_safe
@requires(Permission.SEE_CONNECTORS)
def operation(request: HttpRequest, operation_id: UUID) -> HttpResponse:
    found = get_own_operation(current_member(request), operation_id)
    if found.outcome == Outcome.SUCCEEDED and found.connector is not None:
        return redirect_to_result(request, found)
    return render(request, "operation/page.html", _context(found, follow=0))


@require_POST
@requires(Permission.SEE_CONNECTORS)
def operation_check(request: HttpRequest, operation_id: UUID) -> HttpResponse:
    """Look now whether a lost change happened; nothing is ever sent again."""
    found = get_own_operation(current_member(request), operation_id)
    if not found.is_settled:
        _look(found)
        found.refresh_from_db()
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("operation", operation_id)
    if found.outcome == Outcome.SUCCEEDED and found.connector is not None:
        return HttpResponseClientRedirect(redirect_to_result(request, found).url)
    return render(request, "operation/_status.html", _context(found, follow=asked_before(request)))


@require_POST
@requires(Permission.SEE_CONNECTORS)
def operation_choose(request: HttpRequest, operation_id: UUID) -> HttpResponse:
    """The person says which of several connectors the lost create made (field `candidate`), or none."""
    found = get_own_operation(current_member(request), operation_id)
    candidate = request.POST.get("candidate", "")
    if found.outcome != Outcome.UNKNOWN or not found.candidates.exists():
        return redirect("operation", operation_id)
    if candidate == "none":
        operations.choose(found, None)
    else:
        primary_key = int(candidate) if candidate.isdecimal() and len(candidate) <= _MOST_DIGITS else 0
        operations.choose(found, get_object_or_404(found.candidates.all(), pk=primary_key))
    return redirect("operation", operation_id)


def _look(found: Operation) -> None:
    """Ask for the connector that was to be changed; for one that was to be created, for all of the key's."""
    if found.connector is not None:
        with suppress(UpstreamError, KeyProblem):
            refresh_connector(found.connector, viewer=found.key_owner)
        return
    api_key = found.key_owner.key
    if api_key is not None and api_key.is_usable:
        polling.poll(api_key.pk)


def _context(found: Operation, *, follow: int) -> dict[str, object]:
    following = not found.is_settled and follow < len(_FOLLOW_SECONDS)
    return {
        "follow_seconds": _FOLLOW_SECONDS[follow] if following else 0,
        "follow_round": follow + 1,
        "operation": found,
        "kind": OperationKind(found.kind),
        "outcome": Outcome(found.outcome),
        "connector_type": CONNECTOR_TYPES.get(found.connector_type),
        "candidates": found.candidates.all(),
        "again_url": _again_url(found),
        # A sync that was refused is, more often than not, under way already.
        "may_be_done": found.kind == OperationKind.SYNC and found.error_code == "refused",
    }


def _again_url(found: Operation) -> str:
    """The form that it was asked for with, filled in again where that is possible; '' if there is none."""
    again = f"?again={found.pk}"
    if found.kind != OperationKind.CREATE:
        page = _ASKED_FOR_AT[OperationKind(found.kind)]
        return reverse(page, args=[found.connector.connector_id]) + again if found.connector else ""
    if "replaces" in found.request:
        return reverse("connector_replace", args=[found.request["replaces"]]) + again
    known = found.connector_type in CONNECTOR_TYPES
    return reverse("connector_create", args=[found.connector_type]) + again if known else ""
