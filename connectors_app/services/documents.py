"""A connector's documents: asked for page by page when somebody looks, never stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from connectors_app.bigdata import DocumentData
from connectors_app.choices import DOCUMENT_ERRORS
from connectors_app.models import Connector, Member
from connectors_app.services.connectors import best_key
from connectors_app.services.upstream import calling

PAGE_SIZE = 50
# Like a refresh, a look gives way at once where all slots are taken: the page says so and offers another try.
LOOK_WAIT = 0.0

# What members can sort by: the words, and the API's `sort_by` and `sort_order`. Statuses have no other order
# than their spelling; backwards, what is not completed comes first.
SORTS = {
    "newest": ("Newest first", "created_at", "desc"),
    "name": ("Name", "file_name", "asc"),
    "size": ("Largest first", "raw_size", "desc"),
    "status": ("Status, completed last", "status", "desc"),
}

_KINDS = {
    "message/rfc822": "Mail",
    "application/vnd.ms-outlook": "Mail",
    "application/pdf": "PDF",
    "application/msword": "Word",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word",
    "application/vnd.ms-excel": "Excel",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "Excel",
    "application/vnd.ms-powerpoint": "PowerPoint",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "PowerPoint",
    "application/json": "JSON",
    "application/zip": "ZIP archive",
    "text/plain": "Text",
    "text/csv": "CSV",
    "text/html": "Web page",
    "text/markdown": "Markdown",
}
_FAMILIES = {"image": "Image", "audio": "Audio", "video": "Video"}


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it is shown. `size` is in bytes; `status` and `error_code` are as they came."""

    name: str
    kind: str
    size: int | None
    status: str
    error_code: str
    tags: tuple[str, ...]
    created_at: datetime
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """One page, from 1 on. There is no total: another page may follow a full one (contract: `listDocuments`)."""

    documents: list[Document]
    number: int

    @property
    def may_go_on(self) -> bool:
        return len(self.documents) >= PAGE_SIZE


def documents_page(
    connector: Connector, *, viewer: Member, page: int = 1, file_name: str = "", sort: str = "newest"
) -> DocumentPage:
    """Ask for one page. `file_name`: a part of the name; `sort`: one of SORTS.

    Raises UpstreamError, KeyProblem.
    """
    _, sort_by, sort_order = SORTS[sort]
    with calling(best_key(connector, viewer), wait=LOOK_WAIT) as client:
        found = client.documents_page(
            connector.connector_id,
            page=page,
            page_size=PAGE_SIZE,
            file_name=file_name or None,
            sort_by=sort_by,
            sort_order=sort_order,
        )
    return DocumentPage([_document(data) for data in found], page)


def error_in_words(code: str) -> str:
    """What a document's error code means; empty where that is not known."""
    return DOCUMENT_ERRORS.get(code.strip().upper(), "")


def kind_in_words(content_type: str | None) -> str:
    """ "PDF" for "application/pdf"; a content type that we do not know is shown as it came."""
    bare = (content_type or "").partition(";")[0].strip().lower()
    return _KINDS.get(bare) or _family(bare, _FAMILIES) or content_type or ""


def _family(content_type: str, families: Mapping[str, str]) -> str:
    return families.get(content_type.partition("/")[0], "")


def _document(data: DocumentData) -> Document:
    return Document(
        name=data.file_name,
        kind=kind_in_words(data.content_type),
        size=data.raw_size,
        status=data.status,
        error_code=data.error_code or "",
        tags=data.tags,
        created_at=data.created_at,
        published_at=data.published_at,
    )
