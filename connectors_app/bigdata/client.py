"""The calls of the Connectors API, typed. See docs/bigdata-api.openapi.yaml for what each promises."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import count
from typing import Any, Unpack
from uuid import UUID

from .call import Answer, Call
from .documents import MAX_PAGE_SIZE, DocumentFilters, document_query
from .errors import KeyRejected, UnexpectedAnswer
from .parsing import Fields, decode_json, malformed
from .problems import error_from
from .redaction import Redactor, secrets_in
from .schemas import ConnectorChanges, ConnectorData, DocumentData, NewConnector, SyncAccepted
from .secret import Secret
from .transport import Transport

CONNECTORS = "/contents/v1/connectors"
CONNECTOR = CONNECTORS + "/{connector_id}"
SYNC = CONNECTOR + "/sync"
DOCUMENTS = "/contents/v1/documents"

# What the contract calls them (operationId).
OPERATIONS = {
    ("GET", CONNECTORS): "listConnectors",
    ("POST", CONNECTORS): "createConnector",
    ("GET", CONNECTOR): "getConnector",
    ("PUT", CONNECTOR): "updateConnector",
    ("DELETE", CONNECTOR): "deleteConnector",
    ("POST", SYNC): "triggerSync",
    ("GET", DOCUMENTS): "listDocuments",
}

_SENDABLE_KEY = re.compile(r"[\x21-\x7e]+")


class BigdataClient:
    """One member's view of upstream: one API key over the process's Transport.

    Every method raises a BigdataError (see `errors`) when it does not bring what it promises.
    `answered_by_sandbox` tells whether the latest answer, an error's included, came from a sandbox; None
    before any. Make one per use: the flag is not meant for several threads.
    """

    def __init__(
        self,
        api_key: Secret,
        transport: Transport,
        *,
        wait: float | None = None,
        attempts: int | None = None,
        admit: Callable[[], None] = lambda: None,
    ) -> None:
        """Use `api_key` on `transport`; see `Transport.send` for `wait` (seconds) and `attempts`.

        `admit` is called before each call, and raises what forbids it.
        """
        self.answered_by_sandbox: bool | None = None
        self._api_key = api_key
        self._transport = transport
        self._wait, self._attempts, self._admit = wait, attempts, admit

    def list_connectors(self) -> list[ConnectorData]:
        """Return every connector that the key's user can see, each once.

        A list with one malformed connector is refused whole: a half-read list must change nothing.
        """
        found = [ConnectorData.from_json(item) for item in _results(self._send("GET", CONNECTORS))]
        return list({connector.connector_id: connector for connector in found}.values())

    def get_connector(self, connector_id: UUID) -> ConnectorData:
        """Return one connector. NotFound if there is none, or the key's user has no access to it."""
        return _connector(self._send("GET", CONNECTOR, connector_id), connector_id)

    def create_connector(self, new: NewConnector) -> ConnectorData:
        """Create a connector and return it; an email connector's config then holds the inbox address.

        After an error with `may_have_happened` it may exist: upstream has no idempotency key, so look first.
        """
        payload = new.to_json()
        answer = self._send("POST", CONNECTORS, payload=payload)
        return _without_secrets(ConnectorData.from_json(decode_json(answer.body)), self._redactor(payload))

    def update_connector(self, connector_id: UUID, changes: ConnectorChanges) -> ConnectorData:
        """Replace every editable field and return the connector."""
        return _connector(self._send("PUT", CONNECTOR, connector_id, payload=changes.to_json()), connector_id)

    def archive_connector(self, connector_id: UUID) -> ConnectorData:
        """Stop a connector taking anything in; its documents stay. Archiving twice is no error."""
        return _connector(self._send("DELETE", CONNECTOR, connector_id), connector_id)

    def delete_connector(self, connector_id: UUID) -> ConnectorData | None:
        """Start the deletion of a connector and all its documents, for good; it ends later, with a 404.

        Any 2xx means that it has started; the connector is returned if the answer holds it.
        """
        answer = self._send("DELETE", CONNECTOR, connector_id, query=[("force_delete", "true")])
        try:
            return _connector(answer, connector_id)
        except UnexpectedAnswer:
            return None

    def trigger_sync(self, connector_id: UUID, date_limit: date | None = None) -> SyncAccepted:
        """Queue a sync. Broker research needs `date_limit` (how far back to look); SharePoint takes none."""
        payload = {} if date_limit is None else {"date_limit": date_limit.isoformat()[:10]}
        answer = self._send("POST", SYNC, connector_id, payload=payload)
        accepted = SyncAccepted.from_json(decode_json(answer.body))
        _check_same(accepted.connector_id, connector_id)
        return accepted

    def documents_page(
        self,
        connector_id: UUID | None = None,
        *,
        page: int = 1,
        page_size: int = MAX_PAGE_SIZE,
        **filters: Unpack[DocumentFilters],
    ) -> list[DocumentData]:
        """Return one page of documents, from 1 on; one shorter than `page_size` (1 to 100) is the last."""
        query = document_query(connector_id, filters, page, page_size)
        return [DocumentData.from_json(item) for item in _results(self._send("GET", DOCUMENTS, query=query))]

    def iter_documents(
        self,
        connector_id: UUID | None = None,
        *,
        page_size: int = MAX_PAGE_SIZE,
        **filters: Unpack[DocumentFilters],
    ) -> Iterator[DocumentData]:
        """Yield documents page by page, asking for a page only when it is needed.

        UnexpectedAnswer if upstream sends the same page twice in a row: it would never end.
        """
        before: list[str] = []
        for page in count(1):  # pragma: no branch - left by return
            documents = self.documents_page(connector_id, page=page, page_size=page_size, **filters)
            ids = [document.id for document in documents]
            if ids and ids == before:
                raise malformed("a page of documents", "the same as the one before")
            yield from documents
            if len(documents) < page_size:
                return
            before = ids

    def _send(
        self,
        method: str,
        route: str,
        connector_id: UUID | None = None,
        *,
        query: Sequence[tuple[str, str]] = (),
        payload: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Return a 2xx answer; raise the error that any other stands for."""
        if not _SENDABLE_KEY.fullmatch(self._api_key.reveal()):
            raise KeyRejected("The API key holds spaces, line breaks or signs that no key has. Copy it again.")
        path = route if connector_id is None else route.format(connector_id=UUID(str(connector_id)))
        call = Call(method, route, path, self._api_key, tuple(query), payload)
        self._admit()
        answer = self._transport.send(call, wait=self._wait, attempts=self._attempts)
        self.answered_by_sandbox = answer.from_sandbox
        if not answer.ok:
            raise error_from(answer.status, answer.headers, answer.body, self._redactor(payload))
        return answer

    def _redactor(self, payload: object) -> Redactor:
        """Return what takes out the secrets of a call with `payload`."""
        return Redactor([self._api_key, *secrets_in(payload)])


def _results(answer: Answer) -> list[Any]:
    """Return the `results` of a list answer."""
    return Fields(decode_json(answer.body), "the answer").required_items("results")


def _connector(answer: Answer, asked_for: UUID) -> ConnectorData:
    """Return the connector in `answer`, which must be the one that was asked for."""
    connector = ConnectorData.from_json(decode_json(answer.body))
    _check_same(connector.connector_id, asked_for)
    return connector


def _check_same(connector_id: UUID, asked_for: UUID) -> None:
    if connector_id != asked_for:
        raise malformed("connector_id", "not the one that was asked for")


def _without_secrets(connector: ConnectorData, redactor: Redactor) -> ConnectorData:
    """Return `connector` without the call's secrets, should upstream echo one where it has no business."""
    error = connector.last_sync_error_msg
    return replace(
        connector,
        config=redactor.json(connector.config),
        extra=redactor.json(connector.extra),
        last_sync_error_msg=None if error is None else redactor.text(error),
    )
