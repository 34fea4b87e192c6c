"""The support bundle: to read, to copy, to download."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from connectors_app.accounts.member_limits import limited
from connectors_app.permissions import Permission, current_member, get_connector, requires, visible_connectors
from connectors_app.services.bundle import support_bundle
from connectors_app.views.frame import frame_context


@require_safe
@requires(Permission.SEE_CONNECTORS)
@limited("bundle")
def connector_bundle(request: HttpRequest, connector_id: UUID) -> HttpResponse:
    """With `?download=1` the text as a file."""
    member = current_member(request)
    connector = get_connector(member, connector_id)
    bundle = support_bundle(connector, visible=visible_connectors(member))
    if "download" in request.GET:
        name = f"support-bundle-{connector.connector_id}.txt"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return HttpResponse(bundle, content_type="text/plain; charset=utf-8", headers=headers)
    context = {"bundle": bundle, **frame_context(member, connector, tab="bundle")}
    return render(request, "connector/bundle.html", context)
