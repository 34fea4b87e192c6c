"""What has come in lately: a look at a connector's newest documents, kept in the cache for a moment."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr

from django.core.cache import cache
from django.utils import timezone

from connectors_app.bigdata import DocumentData
from connectors_app.choices import DocumentStatus
from connectors_app.models import Connector, Member
from connectors_app.services.connectors import best_key
from connectors_app.services.documents import LOOK_WAIT
from connectors_app.services.upstream import calling

# Three full pages, the largest that the API gives.
PAGES_AT_MOST, PAGE_SIZE = 3, 100
LOOKS_AT = PAGES_AT_MOST * PAGE_SIZE
_KEPT_SECONDS = 120
_FROM = "from:"


@dataclass(frozen=True, slots=True)
class Intake:
    """Counts over the newest documents. `is_all`: there were no others at `looked_at`.

    `failed` counts by error code ('' where none was given), `senders` by address in small letters (`from:` tags).
    """

    count: int
    is_all: bool
    newest_at: datetime | None
    failed: dict[str, int]
    senders: dict[str, int]
    looked_at: datetime

    @property
    def failed_count(self) -> int:
        return sum(self.failed.values())


@dataclass(frozen=True, slots=True)
class SenderCounts:
    """Who wrote how often, most first, and who of the allowed did not; each in the spelling of the list."""

    heard: list[tuple[str, int]]
    silent: list[str]
    strangers: list[tuple[str, int]]


def look_at_intake(connector: Connector, *, viewer: Member) -> Intake:
    """Look at the newest documents, unless that was done just now. Raises UpstreamError, KeyProblem."""
    known = cached_intake(connector)
    if known is not None:
        return known
    intake = _look(connector, viewer)
    cache.set(_place(connector), intake, _KEPT_SECONDS)
    return intake


def cached_intake(connector: Connector) -> Intake | None:
    """What the last look found, if that was within two minutes."""
    known = cache.get(_place(connector))
    return known if isinstance(known, Intake) else None


def counts_by_sender(intake: Intake, allowed: list[str]) -> SenderCounts:
    """Hold what came in against who may send now."""
    spelling = {address.casefold(): address for address in allowed}
    by_count = sorted(intake.senders.items(), key=lambda each: (-each[1], each[0]))
    return SenderCounts(
        heard=[(spelling[address], count) for address, count in by_count if address in spelling],
        silent=[address for folded, address in spelling.items() if folded not in intake.senders],
        strangers=[(address, count) for address, count in by_count if address not in spelling],
    )


def _look(connector: Connector, viewer: Member) -> Intake:
    documents: dict[str, DocumentData] = {}
    is_all = False
    with calling(best_key(connector, viewer), wait=LOOK_WAIT) as client:
        for number in range(1, PAGES_AT_MOST + 1):
            page = client.documents_page(connector.connector_id, page=number, page_size=PAGE_SIZE)
            # What arrives meanwhile moves the others on: one that shows again counts once.
            documents |= {document.id: document for document in page}
            if len(page) < PAGE_SIZE:
                is_all = True
                break
    return _counted(list(documents.values()), is_all=is_all)


def _counted(documents: list[DocumentData], *, is_all: bool) -> Intake:
    failed = (d for d in documents if d.status.lower() == DocumentStatus.FAILED)
    return Intake(
        count=len(documents),
        is_all=is_all,
        newest_at=max((document.created_at for document in documents), default=None),
        failed=dict(Counter(document.error_code or "" for document in failed).most_common()),
        senders=dict(Counter(sender for document in documents for sender in _senders(document))),
        looked_at=timezone.now(),
    )


def _senders(document: DocumentData) -> set[str]:
    """The addresses of its `from:` tags (contract, quirk 15), in small letters."""
    tags = (tag for tag in document.tags if tag.lower().startswith(_FROM))
    written = (tag[len(_FROM) :].strip() for tag in tags)
    return {(parseaddr(text)[1] or text).casefold() for text in written if text}


def _place(connector: Connector) -> str:
    return f"intake:{connector.pk}"
