"""What the sandbox remembers, in SQLite: keys, connectors, and what will happen to them.

Secrets are not among it: API keys are kept as digests, passwords and session ids not at all.
"""

import hashlib
import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from connectors_app.sandbox.answers import Json

SCHEMA = """
CREATE TABLE IF NOT EXISTS clock (offset REAL NOT NULL);
CREATE TABLE IF NOT EXISTS keys (digest TEXT PRIMARY KEY, user_id TEXT NOT NULL, org_id TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS keys_user ON keys (user_id);
CREATE TABLE IF NOT EXISTS connectors (
    number INTEGER PRIMARY KEY, connector_id TEXT UNIQUE NOT NULL, user_id TEXT NOT NULL,
    org_id TEXT NOT NULL, share_with_org INTEGER NOT NULL, body TEXT NOT NULL, trouble TEXT NOT NULL,
    scripted TEXT, turns INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS connectors_user ON connectors (user_id);
CREATE INDEX IF NOT EXISTS connectors_shared ON connectors (org_id, share_with_org);
CREATE TABLE IF NOT EXISTS events (
    number INTEGER PRIMARY KEY, connector_id TEXT NOT NULL, kind TEXT NOT NULL, at REAL NOT NULL,
    ripe REAL NOT NULL);
CREATE INDEX IF NOT EXISTS events_connector ON events (connector_id, at);
CREATE TABLE IF NOT EXISTS documents (
    number INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, connector_id TEXT NOT NULL, user_id TEXT NOT NULL,
    org_id TEXT NOT NULL, file_name TEXT NOT NULL, raw_size INTEGER, request_origin TEXT,
    content_type TEXT, status TEXT NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
    published_at TEXT, error_code TEXT, delete_started_ts TEXT, tags TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS documents_connector ON documents (connector_id, created_at);
"""
BUILT_IN_KEYS = (
    ("sandbox-alice", "user_alice", "org_id_001"),
    ("sandbox-bob", "user_bob", "org_id_001"),
    ("sandbox-adam", "user_adam", "org_id_001"),
    ("sandbox-sam", "user_sam", "org_id_001"),
    ("sandbox-mallory", "user_mallory", "org_id_002"),
)
# What one person sees: their own connectors, and those shared within their organisation.
VISIBLE = "(c.user_id = :user_id OR (c.org_id = :org_id AND c.share_with_org = 1))"
_DUE = (
    # CROSS JOIN: from the person's connectors to their events, so that other people's events cost nothing.
    "SELECT e.number, e.connector_id, e.kind, e.at FROM connectors c CROSS JOIN events e "  # noqa: S608 - constants only
    "ON e.connector_id = c.connector_id AND e.at <= :now AND e.ripe <= :ripe "
    f"WHERE {VISIBLE} ORDER BY e.at, e.number"
)
_BODIES = f"SELECT c.body FROM connectors c WHERE {VISIBLE} ORDER BY c.number"  # noqa: S608 - constants only


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a key belongs to."""

    user_id: str
    org_id: str


@dataclass(slots=True)
class Connector:
    """One connector: `body` is what the API tells, the rest is how the simulation goes on.

    `trouble` is the error with which every sync fails, if any, `scripted` the asked-for result of the next
    sync, `turns` how many things have happened to it.
    """

    body: Json
    trouble: str = ""
    scripted: Json | None = field(default=None)
    turns: int = 0

    @property
    def id(self) -> str:
        """The connector_id."""
        return str(self.body["connector_id"])


@dataclass(frozen=True, slots=True)
class Event:
    """Something that will happen to a connector at a simulated time."""

    number: int
    connector_id: str
    kind: str
    at: float


def digest(api_key: str) -> str:
    """What is kept of an API key."""
    return hashlib.sha256(api_key.encode(errors="surrogatepass")).hexdigest()


class Store:
    """The SQLite file (or memory, for None). Everything goes through `transaction`, one at a time."""

    def __init__(self, path: Path | None) -> None:
        """Open or create the file, its folder included."""
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self.db = sqlite3.connect(path or ":memory:", check_same_thread=False)
        self.db.row_factory = sqlite3.Row
        self.db.create_function("casefold", 1, lambda text: (text or "").casefold(), deterministic=True)
        self.db.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;" + SCHEMA)
        self.add_keys(BUILT_IN_KEYS)
        self.db.commit()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the store for one request: all of it is kept, or none when it raises."""
        with self._lock, self.db:
            yield

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self.db.close()

    def clear(self) -> None:
        """Forget everything but the built-in keys."""
        for table in ("clock", "keys", "connectors", "events", "documents"):
            self.db.execute(f"DELETE FROM {table}")  # noqa: S608 - constants only
        self.add_keys(BUILT_IN_KEYS)

    def offset(self) -> float:
        """How many seconds the clock had skipped when it was last kept."""
        row = self.db.execute("SELECT offset FROM clock").fetchone()
        return float(row["offset"]) if row else 0.0

    def keep_offset(self, offset: float) -> None:
        """Remember how many seconds the clock has skipped."""
        self.db.execute("DELETE FROM clock")
        self.db.execute("INSERT INTO clock VALUES (?)", (offset,))

    def add_keys(self, keys: Iterable[tuple[str, str, str]]) -> None:
        """Make (api_key, user_id, org_id) known; a key that is known already changes hands."""
        rows = [(digest(key), user_id, org_id) for key, user_id, org_id in keys]
        self.db.executemany("INSERT OR REPLACE INTO keys VALUES (?, ?, ?)", rows)

    def person(self, api_key: str) -> Person | None:
        """Whose key this is, None for an unknown one."""
        row = self.db.execute("SELECT user_id, org_id FROM keys WHERE digest = ?", (digest(api_key),)).fetchone()
        return Person(**row) if row else None

    def org_of(self, user_id: str) -> str | None:
        """The organisation of a user who has a key."""
        row = self.db.execute("SELECT org_id FROM keys WHERE user_id = ?", (user_id,)).fetchone()
        return row["org_id"] if row else None

    def add(self, connectors: Iterable[Connector]) -> None:
        """Insert connectors."""
        self.db.executemany(
            "INSERT INTO connectors"
            " (user_id, org_id, share_with_org, body, trouble, scripted, turns, connector_id)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            map(_columns, connectors),
        )

    def save(self, connector: Connector) -> None:
        """Write a changed connector back."""
        self.db.execute(
            "UPDATE connectors SET user_id = ?, org_id = ?, share_with_org = ?, body = ?, trouble = ?,"
            " scripted = ?, turns = ? WHERE connector_id = ?",
            _columns(connector),
        )

    def get(self, connector_id: str) -> Connector | None:
        """A connector by id, whoever's it is."""
        row = self.db.execute(
            "SELECT body, trouble, scripted, turns FROM connectors WHERE connector_id = ?", (connector_id,)
        ).fetchone()
        if row is None:
            return None
        scripted = json.loads(row["scripted"]) if row["scripted"] else None
        return Connector(json.loads(row["body"]), row["trouble"], scripted, row["turns"])

    def bodies(self, person: Person) -> list[str]:
        """What a person sees, each connector as JSON text, oldest first."""
        rows = self.db.execute(_BODIES, {"user_id": person.user_id, "org_id": person.org_id})
        return [row["body"] for row in rows]

    def remove(self, connector_id: str) -> None:
        """Delete a connector with its documents and all that was to happen to it."""
        for table in ("connectors", "documents", "events"):
            self.db.execute(f"DELETE FROM {table} WHERE connector_id = ?", (connector_id,))  # noqa: S608 - constants

    def schedule(self, connector_id: str, kind: str, at: float, ripe: float) -> None:
        """Let something happen at a simulated time, and (quiet sandboxes) at a clock offset."""
        self.db.execute(
            "INSERT INTO events (connector_id, kind, at, ripe) VALUES (?, ?, ?, ?)",
            (connector_id, kind, at, ripe),
        )

    def due(self, person: Person, now: float, ripe: float) -> list[Event]:
        """What has become due for the connectors that a person sees, in order."""
        values = {"user_id": person.user_id, "org_id": person.org_id, "now": now, "ripe": ripe}
        return [Event(**row) for row in self.db.execute(_DUE, values)]

    def is_scheduled(self, connector_id: str, kind: str) -> bool:
        """Whether something of this kind is still to happen."""
        sql = "SELECT 1 FROM events WHERE connector_id = ? AND kind = ?"
        return self.db.execute(sql, (connector_id, kind)).fetchone() is not None

    def cancel(self, connector_id: str, kinds: Iterable[str]) -> None:
        """Let nothing of these kinds happen."""
        sql = "DELETE FROM events WHERE connector_id = ? AND kind = ?"
        self.db.executemany(sql, [(connector_id, kind) for kind in kinds])

    def drop(self, event: Event) -> bool:
        """Take an event off the list; False if it was called off meanwhile."""
        return self.db.execute("DELETE FROM events WHERE number = ?", (event.number,)).rowcount == 1


def _columns(connector: Connector) -> tuple[str | int | None, ...]:
    body = connector.body
    scripted = json.dumps(connector.scripted) if connector.scripted else None
    who = (body["user_id"], body["org_id"], int(bool(body["share_with_org"])))
    return (*who, json.dumps(body), connector.trouble, scripted, connector.turns, connector.id)
