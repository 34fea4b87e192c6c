"""What the documents of upstream can be filtered and sorted by."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TypedDict
from uuid import UUID

MAX_PAGE_SIZE = 100


class DocumentFilters(TypedDict, total=False):
    """The filters of GET /contents/v1/documents, under its own names; None is the same as left out.

    `from_date` needs a time zone. `file_name` matches a part of the name in any case, `tags` any of them.
    `origin`: email, investment_research, file_upload. `ownership`: all, shared, owned. `sort_by`: created_at,
    updated_at, file_name, raw_size, content_type, status. `sort_order`: asc, desc.
    """

    origin: str | None
    from_date: datetime | None
    ownership: str | None
    owner: str | None
    file_name: str | None
    tags: Sequence[str] | None
    sort_by: str | None
    sort_order: str | None


def document_query(
    connector_id: UUID | None, filters: DocumentFilters, page: int, page_size: int
) -> list[tuple[str, str]]:
    """Return the query for one page. ValueError for a page or size out of range, or a time without a zone."""
    if page < 1 or not 1 <= page_size <= MAX_PAGE_SIZE:
        raise ValueError(f"pages start at 1 and hold 1 to {MAX_PAGE_SIZE} documents")
    given = {
        "connector": connector_id,
        "origin": filters.get("origin"),
        "from_date": _in_utc(filters.get("from_date")),
        "ownership": filters.get("ownership"),
        "owner": filters.get("owner"),
        "file_name": filters.get("file_name"),
        "sort_by": filters.get("sort_by"),
        "sort_order": filters.get("sort_order"),
        "page": page,
        "page_size": page_size,
    }
    query = [(name, str(value)) for name, value in given.items() if value is not None]
    return query + [("tags", tag) for tag in filters.get("tags") or ()]


def _in_utc(moment: datetime | None) -> str | None:
    """Return `moment` as upstream writes times: UTC, ending in Z."""
    if moment is None:
        return None
    if moment.tzinfo is None:
        raise ValueError("from_date needs a time zone")
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
