"""Documents: how they are kept, and the query of `listDocuments`."""

import json
import re
import sqlite3
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from connectors_app.sandbox.answers import FieldsRefusedError, Json
from connectors_app.sandbox.clock import stamp
from connectors_app.sandbox.store import VISIBLE, Connector, Person, Store
from connectors_app.sandbox.validation import UNKNOWN_PARAMETER, UUID_TEXT, unfit

COLUMNS = (
    "id", "connector_id", "user_id", "org_id", "file_name", "raw_size", "request_origin", "content_type",
    "status", "created_at", "updated_at", "published_at", "error_code", "delete_started_ts", "tags",
)  # fmt: skip
SORTS = ("created_at", "updated_at", "file_name", "raw_size", "content_type", "status")
CHOICES = {
    "origin": ("email", "investment_research", "file_upload"),
    "ownership": ("all", "shared", "owned"),
    "sort_by": SORTS,
    "sort_order": ("asc", "desc"),
}
PARAMETERS = (*CHOICES, "connector", "from_date", "owner", "file_name", "tags", "page", "page_size")
_INSERT = f"INSERT INTO documents ({', '.join(COLUMNS)}) VALUES ({', '.join(':' + c for c in COLUMNS)})"  # noqa: S608
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:)(\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_ANY_TAG = "EXISTS (SELECT 1 FROM json_each(d.tags) t WHERE t.value IN (SELECT value FROM json_each(:tags)))"
_FARTHEST = 2**62  # SQLite's integers end at 2**63


@dataclass(frozen=True, slots=True)
class DocumentQuery:
    """The checked parameters of `listDocuments`, defaults filled in."""

    values: dict[str, Any]
    tags: tuple[str, ...]


def add_documents(store: Store, connector: Connector, documents: Iterable[Json]) -> list[str]:
    """Store documents of a connector, count them in its files_count (not saved here), and give their ids."""
    rows = [_row(connector, fields) for fields in documents]
    store.db.executemany(_INSERT, rows)
    connector.body["files_count"] = (connector.body.get("files_count") or 0) + len(rows)
    return [row["id"] for row in rows]


def _row(connector: Connector, fields: Json) -> Json:
    row: Json = dict.fromkeys(COLUMNS)
    row |= {"id": uuid.uuid4().hex.upper(), "status": "completed", "tags": []}
    row |= {name: connector.body[name] for name in ("connector_id", "user_id", "org_id")}
    row |= {name: value for name, value in fields.items() if name in COLUMNS}
    row["updated_at"] = row["updated_at"] or row["created_at"]
    row["tags"] = json.dumps(row["tags"])
    return row


def parse_query(query: str) -> DocumentQuery:
    """Read and check a query string; 400 with one entry per wrong or unknown parameter."""
    pairs = parse_qsl(query, keep_blank_values=True)
    values: dict[str, Any] = {"ownership": "all", "page": 1, "page_size": 50, "sort_by": "created_at"}
    values["sort_order"] = "desc"
    errors: dict[tuple[str, ...], str] = {}
    for name, text in pairs:
        if name not in PARAMETERS:
            errors["query", name] = UNKNOWN_PARAMETER
            continue
        given = [other for other, _ in pairs].count(name)
        problem, value = _parameter(name, text) if given == 1 or name == "tags" else ("is given twice", None)
        if problem:
            errors["query", name] = problem
        values[name] = value
    if errors:
        raise FieldsRefusedError(errors)
    return DocumentQuery(values, tuple(text for name, text in pairs if name == "tags"))


def _parameter(name: str, text: str) -> tuple[str, Any]:
    """What is wrong with a parameter ('' for nothing), and its value."""
    if unfit(text):
        return "holds characters that are not text", None
    if name in CHOICES:
        return ("" if text in CHOICES[name] else f"must be one of {', '.join(CHOICES[name])}"), text
    if name == "connector":
        return ("" if UUID_TEXT.fullmatch(text) else "must be a UUID"), text.lower()
    if name in ("page", "page_size"):
        return _whole_number(text, 100 if name == "page_size" else None)
    if name == "from_date":
        moment = _moment(text)
        return ("" if moment else "must be a date and time with a time zone"), moment
    return "", text


def _whole_number(text: str, highest: int | None) -> tuple[str, int]:
    if not re.fullmatch(r"0*[1-9][0-9]*", text, re.ASCII):
        return "must be a whole number from 1", 0
    number = int(text) if len(text) < 19 else _FARTHEST
    return (f"must be at most {highest}" if highest and number > highest else ""), number


def _moment(text: str) -> str | None:
    """An RFC 3339 date-time as the store keeps times, None if it is none; second 60 counts as 59."""
    if not (match := _MOMENT.fullmatch(text)):
        return None
    day, minutes, seconds, fraction, zone = match.groups()
    seconds = "59" if seconds == "60" else seconds
    zone = "+00:00" if zone in "Zz" else zone
    try:
        moment = datetime.fromisoformat(f"{day}T{minutes}{seconds}{(fraction or '.0')[:7]}{zone}")
        return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    except OverflowError:
        return f"{day}T{minutes}{seconds}Z"  # the first or last day there is: the zone makes no difference
    except ValueError:
        return None


def find_documents(store: Store, person: Person, query: DocumentQuery) -> list[Json]:
    """One page of what a person sees (contract: `listDocuments`)."""
    values = {"user_id": person.user_id, "org_id": person.org_id} | query.values
    values["limit"] = values["page_size"]
    values["offset"] = min((values["page"] - 1) * values["page_size"], _FARTHEST)
    values["file_name"] = values.get("file_name", "").casefold()
    values["tags"] = json.dumps(query.tags)
    order = f"d.{values['sort_by']} {values['sort_order']}, d.number {values['sort_order']}"
    sql = (
        # Nothing of the request is in this text but the two checked words of the order.
        "SELECT d.*, c.share_with_org FROM connectors c JOIN documents d USING (connector_id) "  # noqa: S608
        f"WHERE {VISIBLE} AND {_conditions(query)} ORDER BY {order} LIMIT :limit OFFSET :offset"
    )
    return [_document(row) for row in store.db.execute(sql, values)]


def _conditions(query: DocumentQuery) -> str:
    given = query.values
    conditions = {
        "d.connector_id = :connector": "connector" in given,
        "d.request_origin = :origin": "origin" in given,
        "d.created_at >= :from_date": "from_date" in given,
        "d.user_id = :owner": "owner" in given,
        "d.user_id = :user_id": given["ownership"] == "owned",
        "d.user_id <> :user_id": given["ownership"] == "shared",
        "instr(casefold(d.file_name), :file_name)": bool(given.get("file_name")),
        _ANY_TAG: bool(query.tags),
    }
    return " AND ".join(["1", *(text for text, wanted in conditions.items() if wanted)])


def _document(row: sqlite3.Row) -> Json:
    document: Json = {name: row[name] for name in COLUMNS if name != "tags"}
    document["shared_with_orgs"] = [row["org_id"]] if row["share_with_org"] else []
    document["tags"] = [{"id": _tag_id(name), "name": name} for name in json.loads(row["tags"])]
    return document | {"rp_collection_id": None, "file_metadata": None}


def _tag_id(name: str) -> str:
    return uuid.uuid5(uuid.NAMESPACE_URL, name).hex.upper()


def start_deletion(store: Store, connector_id: str, at: float) -> None:
    """Mark a connector's documents as being deleted."""
    store.db.execute(
        "UPDATE documents SET delete_started_ts = ? WHERE connector_id = ?", (stamp(at), connector_id)
    )
