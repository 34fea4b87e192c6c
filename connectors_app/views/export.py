"""The list as a CSV file: exactly what is filtered, in the same order."""

from typing import Any

from django.http import HttpRequest, StreamingHttpResponse
from django.views.decorators.http import require_safe

from connectors_app.accounts.export_room import room_for_export
from connectors_app.accounts.member_limits import limited
from connectors_app.choices import AuditAction, State
from connectors_app.connector_types import type_label
from connectors_app.permissions import Permission, current_member, requires, visible_connectors
from connectors_app.services import audit
from connectors_app.services.listing import ListFilters, apply_filters, with_owner_email
from connectors_app.views.csv_file import ROWS_AT_ONCE, csv_file, moment

_COLUMNS = (
    *("connector_id", "label", "type", "state", "state since", "owner", "sharing", "archived", "files"),
    *("last sync at", "last sync status", "last sync error", "created", "changed", "description", "inbox address"),
)


@require_safe
@requires(Permission.SEE_CONNECTORS)
@limited("export")
def connector_export(request: HttpRequest) -> StreamingHttpResponse:
    """Every row that the list's URL with the same query stands for, whatever its pages."""
    member, filters = current_member(request), ListFilters.parse(request.GET)
    with room_for_export(request) as room:
        connectors = apply_filters(visible_connectors(member), filters)
        audit.record(
            AuditAction.CONNECTORS_EXPORTED,
            organization=member.organization,
            actor=member,
            details={"count": connectors.count(), "filters": filters.as_query()},
        )
        found = with_owner_email(connectors).defer("extra").iterator(chunk_size=ROWS_AT_ONCE)
        return csv_file("connectors", _COLUMNS, map(_cells, found), room.pop_all())


def _cells(connector: Any) -> list[str]:
    """Of a connector with `owner_email`; in the order of `_COLUMNS`."""
    return [
        str(connector.connector_id),
        connector.label,
        type_label(connector.type),
        State(connector.state).label,
        moment(connector.state_since),
        connector.owner_email or connector.bigdata_user_id,
        "Shared with organization" if connector.share_with_org else "Private to owner",
        "yes" if connector.archived else "no",
        "" if connector.files_count is None else str(connector.files_count),
        moment(connector.last_sync_at),
        connector.last_sync_status,
        connector.last_sync_error_msg,
        moment(connector.created_at),
        moment(connector.updated_at),
        connector.description,
        connector.inbox_address,
    ]
