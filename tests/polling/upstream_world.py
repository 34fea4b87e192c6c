"""Bigdata.com as a small world of its own, how its answers go wrong, and what a dashboard must make of them."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from socket import socket
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from connectors_app.models import Connector, OutsideChange, Sighting, SyncRun
from tests.polling.conftest import PATH, as_json, connector_json

Json = dict[str, Any]

USERS = ("user_a", "user_b", "user_c")
AN_INBOX = UUID(int=3)

# Some last syncs are so long ago that the connector is stale; None: there was none, or it is not told any more.
HOURS_AGO = (1, 2, 30, None)
RESULTS = (("SUCCESS", None), ("FAILED", "login refused"), ("FAILED", "timed out"), ("HALF_DONE", None),
           ("HALF_DONE", "2 files could not be read"), (None, None))  # fmt: skip
_OTHER_STATUSES = (404, 429, 500, 502, 503)
_BROKEN_LISTS: tuple[Callable[[list[Json]], str], ...] = (
    lambda good: as_json(good)[:-2],
    lambda good: "",
    lambda good: "null",
    lambda good: "{}",
    json.dumps,
    lambda good: '{"results": null}',
    lambda good: '{"results": {}}',
    lambda good: as_json([*good, 7]),
    lambda good: as_json([*good, connector_json(label=None)]),
    lambda good: as_json([connector_json(archived="no"), *good]),
    lambda good: as_json([*good, connector_json(last_sync_at="yesterday")]),
    lambda good: as_json([*good, connector_json(last_sync_count=-1)]),
    lambda good: as_json([*good, connector_json(config=[])]),
)
# … and one that is cut off.
WAYS_TO_BREAK = len(_BROKEN_LISTS) + len(_OTHER_STATUSES) + 1
_BROKEN_ONES = (
    (200, "{"),
    (200, json.dumps(connector_json(uuid4(), label="Another's"))),
    (404, '{"message": "Missing Authentication Token"}'),
    (429, "{}"),
    (500, "{}"),
)


class World:
    """Connectors by id. `hidden` ones are left out of lists; `users` says whose a key's value is."""

    def __init__(self) -> None:
        self.connectors: dict[UUID, Json] = {}
        self.deleted: dict[UUID, Json] = {}
        self.hidden: set[UUID] = set()
        self.users: dict[str, str] = {}
        self.reverse = False
        self.twice = False
        self.broken_list: int | None = None
        self.broken_one: int | None = None
        self.start = timezone.now()

    # What happens there: each takes the number of a user, a connector's id, and a number that says how.

    def nothing(self, who: int, which: UUID, number: int) -> None:
        pass

    def appears(self, who: int, which: UUID, number: int) -> None:
        """For the first time, or again after it was deleted."""
        if which not in self.connectors:
            fields = (
                {"type": "email", "config": {"allowed_emails": ["a@example.com"]}} if which == AN_INBOX else {}
            )
            new = connector_json(which, user_id=USERS[who], share_with_org=number % 2 == 0, **fields)
            self.connectors[which] = self.deleted.pop(which, new)

    def syncs(self, who: int, which: UUID, number: int) -> None:
        hours, (status, error) = HOURS_AGO[number % 4], RESULTS[number // 4 % 6]
        at = hours and (self.start - timedelta(hours=hours)).isoformat()
        told = {"last_sync_at": at, "last_sync_status": status, "last_sync_error_msg": error}
        self._change(which, **told, last_sync_count=number % 2)

    def is_renamed(self, who: int, which: UUID, number: int) -> None:
        self._change(which, label=f"Label {number % 3}", description=f"About {number % 2}")

    def gets_other_senders(self, who: int, which: UUID, number: int) -> None:
        self._change(which, config={"allowed_emails": [f"{number % 3}@example.com"]})

    def is_shared_or_not(self, who: int, which: UUID, number: int) -> None:
        self._change(which, share_with_org=number % 2 == 0)

    def is_archived_or_not(self, who: int, which: UUID, number: int) -> None:
        self._change(which, archived=number % 2 == 0)

    def _change(self, which: UUID, **fields: Any) -> None:
        if which in self.connectors:
            self.connectors[which] |= fields

    def is_left_out_of_lists_or_not(self, who: int, which: UUID, number: int) -> None:
        self.hidden ^= {which}

    def is_deleted(self, who: int, which: UUID, number: int) -> None:
        if which in self.connectors:
            self.deleted[which] = self.connectors.pop(which)

    def lists_look_different(self, who: int, which: UUID, number: int) -> None:
        self.reverse, self.twice = number % 2 == 0, number % 3 == 0

    def key_ends(self, who: int, which: UUID, number: int) -> None:
        self.end_key_of(USERS[who])

    def end_key_of(self, user: str) -> None:
        self.users = {value: whose for value, whose in self.users.items() if whose != user}

    # What it answers.

    def seen_by(self, user: str) -> dict[UUID, Json]:
        """What asking by id finds: the user's own, and what is shared."""
        everything = self.connectors.items()
        return {each: body for each, body in everything if body["user_id"] == user or body["share_with_org"]}

    def listed_for(self, user: str) -> list[Json]:
        """Some orders change, and some lists hold everything twice."""
        bodies = [dict(body) for each, body in self.seen_by(user).items() if each not in self.hidden]
        bodies = bodies[::-1] if self.reverse else bodies
        return bodies + bodies[:1] * self.twice

    def handle(self, connection: socket, request: bytes) -> bool:
        status, body, missing = self._answer(request)
        head = f"HTTP/1.1 {status} Whatever\r\nContent-Type: application/json\r\n"
        connection.sendall(f"{head}Content-Length: {len(body) + missing}\r\n\r\n{body}".encode())
        return missing > 0

    def _answer(self, request: bytes) -> tuple[int, str, int]:
        """Status, body, and how many bytes of what is promised never come."""
        path, value = request.split(b" ")[1].decode(), _key_of(request)
        if value not in self.users:
            return 401, '{"message": "Unauthorized"}', 0
        user = self.users[value]
        if path != PATH:
            return *self._one(user, UUID(path.removeprefix(f"{PATH}/"))), 0
        good = self.listed_for(user)
        if self.broken_list is None:
            return 200, as_json(good), 0
        return _broken_list(self.broken_list, good)

    def _one(self, user: str, connector_id: UUID) -> tuple[int, str]:
        if self.broken_one is not None:
            return _BROKEN_ONES[self.broken_one % len(_BROKEN_ONES)]
        body = self.seen_by(user).get(connector_id)
        return (200, json.dumps(body)) if body else (404, '{"message": "No such connector"}')


def _broken_list(number: int, good: list[Json]) -> tuple[int, str, int]:
    number %= WAYS_TO_BREAK
    if number < len(_BROKEN_LISTS):
        return 200, _BROKEN_LISTS[number](good), 0
    number -= len(_BROKEN_LISTS)
    if number < len(_OTHER_STATUSES):
        return _OTHER_STATUSES[number], as_json(good), 0
    return 200, as_json(good), 5


def _key_of(request: bytes) -> str:
    lines = [line.decode().partition(": ") for line in request.split(b"\r\n")]
    return next(value for name, _, value in lines if name.lower() == "x-api-key")


class Model:
    """What the dashboard was told, in the order in which it took it in. `saw`: key and connector."""

    def __init__(self) -> None:
        self.facts: dict[UUID, Json] = {}
        self.runs: dict[tuple[UUID, datetime], tuple[str, str, int]] = {}
        self.noted: list[tuple[str, str, Any, Any]] = []
        self.saw: set[tuple[UUID, UUID]] = set()
        self.gone: set[UUID] = set()
        self.news_at: dict[UUID, datetime] = {}

    @property
    def changes(self) -> list[tuple[str, str, Any, Any]]:
        return sorted(self.noted, key=repr)

    def told(self, body: Json, asked_at: datetime) -> None:
        each = UUID(body["connector_id"])
        was, now = facts_told(self.facts.get(each, body)), facts_told(body)
        self.noted += [(str(each), name, was[name], now[name]) for name in _WATCHED if was[name] != now[name]]
        if each not in self.facts or was != now or each in self.gone:
            self.news_at[each] = asked_at
        self.facts[each] = dict(body)
        self.gone.discard(each)
        if now["last_sync_at"] is not None:
            result = now["last_sync_status"], now["last_sync_error_msg"], now["last_sync_count"]
            self.runs[each, now["last_sync_at"]] = result

    def not_found(self, key: UUID, connector_id: UUID, asked_at: datetime) -> None:
        """Gone only once no key is left that saw it and was not told so."""
        self.saw.discard((key, connector_id))
        if connector_id not in self.gone and all(seen != connector_id for _, seen in self.saw):
            self.gone.add(connector_id)
            self.news_at[connector_id] = asked_at


_WATCHED = ("label", "description", "share_with_org", "archived", "allowed_emails")
_SYNC = ("last_sync_at", "last_sync_status", "last_sync_error_msg", "last_sync_count")


def facts_told(body: Json) -> Json:
    at = body["last_sync_at"]
    return {name: body[name] for name in _WATCHED[:-1]} | {
        "allowed_emails": body["config"].get("allowed_emails", []),
        "last_sync_at": at and datetime.fromisoformat(at),
        "last_sync_status": body["last_sync_status"] or "",
        "last_sync_error_msg": body["last_sync_error_msg"] or "",
        "last_sync_count": body["last_sync_count"],
    }


def facts_of(connector: Connector) -> Json:
    return {name: getattr(connector, name) for name in (*_WATCHED, *_SYNC)}


def stored(*, states: bool = True) -> list[Json]:
    """Every row that tells of connectors, all of it; or all but their states."""
    models = (Connector, SyncRun, Sighting, OutsideChange)
    rows = [row for model in models for row in model.objects.order_by("pk").values()]
    left_out = set() if states else {"state", "state_since"}
    return [{name: value for name, value in row.items() if name not in left_out} for row in rows]


def runs_stored() -> dict[tuple[UUID, datetime], tuple[str, str, int]]:
    runs = SyncRun.objects.values_list("connector__connector_id", "at", "status", "error", "count")
    found = {(each, at): tuple(result) for each, at, *result in runs}
    assert len(found) == len(runs)
    return found


def changes_stored() -> list[tuple[str, str, Any, Any]]:
    changes = OutsideChange.objects.values_list("connector__connector_id", "field", "before", "after")
    return sorted(((str(each), *change) for each, *change in changes), key=repr)
