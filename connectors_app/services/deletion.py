"""What deleting a connector for good takes away, and who asked for it."""

from dataclasses import dataclass
from itertools import islice

from connectors_app.choices import OperationKind, Outcome
from connectors_app.models import Connector, Member, Operation
from connectors_app.services.changes import key_for_change
from connectors_app.services.upstream import KeyProblem, UpstreamError, calling

# Five pages of the API: enough to say that it is a lot, and few enough to wait for.
_COUNT_AT_MOST = 500


@dataclass(frozen=True, slots=True)
class DocumentCount:
    """How many documents a connector has. `number` is None where it can't be told."""

    number: int | None
    is_all: bool = True

    def __str__(self) -> str:
        """In words, such as "3,200 documents"."""
        if self.number is None:
            return "documents"
        words = f"{self.number:,} document{'' if self.number == 1 else 's'}"
        return words if self.is_all else f"at least {words}"


def count_documents(connector: Connector, *, member: Member) -> DocumentCount:
    """What the API says, else what paging through the documents shows. Trouble on the way: it can't be told."""
    if connector.files_count is not None:
        return DocumentCount(connector.files_count)
    try:
        with calling(key_for_change(connector, member)) as client:
            found = sum(1 for _ in islice(client.iter_documents(connector.connector_id), _COUNT_AT_MOST))
    except (UpstreamError, KeyProblem):
        return DocumentCount(None)
    return DocumentCount(found, is_all=found < _COUNT_AT_MOST)


def deletion_of(connector: Connector) -> Operation | None:
    """The operation that deletes, or has deleted, the connector for good."""
    if connector.deletion_asked_at is None and connector.gone_at is None:
        return None
    deletions = connector.operations.filter(kind=OperationKind.DELETE, outcome=Outcome.SUCCEEDED)
    return deletions.select_related("actor", "key_owner").order_by("-created_at").first()
