"""The list as a CSV file: exactly what is filtered, in the same order, sent while it is read."""

import csv
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from io import StringIO
from typing import Any

from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from connectors_app.choices import State
from connectors_app.connector_types import type_label
from connectors_app.models import Connector
from connectors_app.permissions import Permission, current_member, requires, visible_connectors
from connectors_app.services.listing import ListFilters, apply_filters, with_owner_email

_ROWS_AT_ONCE = 500
# What makes a spreadsheet take a cell for a formula; the wide ones are typed in East Asian locales.
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# Without it, Excel takes UTF-8 for the system's own encoding.
_BYTE_ORDER_MARK = "\ufeff"
_COLUMNS = (
    *("connector_id", "label", "type", "state", "state since", "owner", "sharing", "archived", "files"),
    *("last sync at", "last sync status", "last sync error", "created", "changed", "description", "inbox address"),
)


@require_safe
@requires(Permission.SEE_CONNECTORS)
def connector_export(request: HttpRequest) -> StreamingHttpResponse:
    """Every row that the list's URL with the same query stands for, whatever its pages."""
    filters = ListFilters.parse(request.GET)
    connectors = with_owner_email(apply_filters(visible_connectors(current_member(request)), filters))
    answer = StreamingHttpResponse(
        _csv(connectors.defer("extra").iterator(chunk_size=_ROWS_AT_ONCE)), content_type="text/csv; charset=utf-8"
    )
    answer["Content-Disposition"] = f'attachment; filename="connectors-{timezone.localdate():%Y-%m-%d}.csv"'
    return answer


def _csv(connectors: Iterable[Connector]) -> Iterator[str]:
    """The file in pieces of several hundred rows; the first piece needs no database."""
    yield _BYTE_ORDER_MARK + _lines([_COLUMNS])
    rows: list[list[str]] = []
    for connector in connectors:
        rows.append([_inert(cell) for cell in _cells(connector)])
        if len(rows) == _ROWS_AT_ONCE:
            yield _lines(rows)
            rows = []
    yield _lines(rows)


def _lines(rows: Iterable[Iterable[str]]) -> str:
    text = StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _cells(connector: Any) -> list[str]:
    """Of a connector with `owner_email`; in the order of `_COLUMNS`."""
    return [
        str(connector.connector_id),
        connector.label,
        type_label(connector.type),
        State(connector.state).label,
        _moment(connector.state_since),
        connector.owner_email or connector.bigdata_user_id,
        "Shared with organization" if connector.share_with_org else "Private to owner",
        "yes" if connector.archived else "no",
        "" if connector.files_count is None else str(connector.files_count),
        _moment(connector.last_sync_at),
        connector.last_sync_status,
        connector.last_sync_error_msg,
        _moment(connector.created_at),
        _moment(connector.updated_at),
        connector.description,
        connector.inbox_address,
    ]


def _moment(value: datetime | None) -> str:
    """ISO 8601 in UTC, such as 2026-02-11T11:01:09Z; empty where there is none."""
    return "" if value is None else f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _inert(cell: str) -> str:
    """The cell as text to every spreadsheet: an apostrophe before what would be a formula."""
    return f"'{cell}" if cell.startswith(_STARTS_A_FORMULA) else cell
