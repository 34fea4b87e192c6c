"""What happens by itself: syncs finish or fail, mail arrives, deletions come to an end.

Nothing runs in the background. Every request first carries out what has become due for the connectors that
its key sees. How it turns out depends on the connector's id and on how much has happened to it already.
"""

import random
from itertools import islice

from connectors_app.sandbox import stories
from connectors_app.sandbox.answers import Json
from connectors_app.sandbox.clock import Clock, stamp
from connectors_app.sandbox.documents import add_documents, start_deletion
from connectors_app.sandbox.store import Connector, Event, Person, Store

SYNC, SCHEDULED_SYNC, MAIL, SETTLE, DELETE = "sync", "scheduled_sync", "mail", "settle", "delete"
INTAKE = (SYNC, SCHEDULED_SYNC, MAIL)

# Seconds of simulated time.
SYNC_TAKES = 3.0
DELETE_TAKES = 5.0
FIRST_MAIL_AFTER = (6.0, 15.0)
BETWEEN = {MAIL: (45.0, 600.0), SCHEDULED_SYNC: (240.0, 1800.0)}
SETTLING_TAKES = (2.0, 8.0)

MOST_DOCUMENTS_PER_SYNC = 50
# One catch-up does what became due, then what that made due, and so on; the rest is for the next request.
ROUNDS = 8
# The clock offset at which a quiet sandbox lets happen what nobody asked for.
NEVER_WHEN_QUIET = float("inf")
# How often syncs fail: steady, shaky and poor connectors. The weights say how many there are of each.
FAILURE_RATES, FAILURE_WEIGHTS = (0.04, 0.35, 0.85), (6, 3, 1)


class Life:
    """Carries out what has become due. `lively` is False for a quiet sandbox: only what is asked for happens,
    and only the advancing of the clock, not the passing of real time, makes it due."""

    def __init__(self, store: Store, clock: Clock, *, lively: bool, speed: float = 1.0) -> None:
        """`speed` divides the time between the things that happen by themselves."""
        self._store = store
        self._clock = clock
        self._lively = lively
        self._speed = speed

    def begin(self, connector: Connector) -> None:
        """Let a new connector's own activity start."""
        if self._lively and connector.body["type"] == "email":
            first = _rng(connector).uniform(*FIRST_MAIL_AFTER) / self._speed
            self._at(connector, MAIL, self._clock.now() + first)
        elif self._lively:
            self._at(connector, SCHEDULED_SYNC, self._clock.now() + SYNC_TAKES)

    def ask_sync(self, connector: Connector) -> None:
        """Let an asked-for sync finish soon."""
        self._in(connector, SYNC, SYNC_TAKES)

    def archive(self, connector: Connector) -> None:
        """Let a connector take in nothing more."""
        self._store.cancel(connector.id, INTAKE)

    def ask_delete(self, connector: Connector) -> None:
        """Start the hard deletion; asking again changes nothing."""
        if not self.is_deleting(connector):
            self._store.cancel(connector.id, INTAKE)
            start_deletion(self._store, connector.id, self._clock.now())
            self._in(connector, DELETE, DELETE_TAKES)

    def is_deleting(self, connector: Connector) -> bool:
        """Whether the hard deletion has been started."""
        return self._store.is_scheduled(connector.id, DELETE)

    def catch_up(self, person: Person) -> None:
        """Carry out what has become due for the connectors that a person sees, in order."""
        now = self._clock.now()
        ripe = NEVER_WHEN_QUIET if self._lively else self._clock.offset
        for _ in range(ROUNDS):
            events = self._store.due(person, now, ripe)
            if not events:
                return
            for event in events:
                self._carry_out(event, now)

    def _in(self, connector: Connector, kind: str, seconds: float) -> None:
        """Schedule something asked for: in a quiet sandbox, when the clock has been advanced that far."""
        self._at(connector, kind, self._clock.now() + seconds, self._clock.offset + seconds)

    def _at(self, connector: Connector, kind: str, at: float, ripe: float = NEVER_WHEN_QUIET) -> None:
        self._store.schedule(connector.id, kind, at, ripe)

    def _carry_out(self, event: Event, now: float) -> None:
        connector = self._store.get(event.connector_id)
        if not self._store.drop(event) or connector is None:
            return
        rng = _rng(connector)
        connector.turns += 1
        match event.kind:
            case "sync" | "scheduled_sync":
                self.finish_sync(connector, self._result(connector, event.at, rng), event.at, rng)
            case "mail":
                self._mail(connector, event.at, rng)
            case "settle":
                self._settle(connector, event.at, rng)
            case _:
                self._store.remove(connector.id)
                return
        self._store.save(connector)
        self._go_on(connector, event, now, rng)

    def _go_on(self, connector: Connector, event: Event, now: float, rng: random.Random) -> None:
        """Schedule the next of a kind. What a long pause would have brought is left out: no flood."""
        if self._lively and event.kind in BETWEEN:
            interval = rng.uniform(*BETWEEN[event.kind]) / self._speed
            self._at(connector, event.kind, max(event.at, now - 2 * interval) + interval)

    def _result(self, connector: Connector, at: float, rng: random.Random) -> Json:
        """How a sync turns out: {"status", "error", "count"}."""
        scripted, connector.scripted = connector.scripted, None
        success = {"status": "SUCCESS", "error": None, "count": rng.randrange(2, 15)}
        failed = {"status": "FAILED", "error": None, "count": 0}
        character = random.Random(connector.id).choices(FAILURE_RATES, FAILURE_WEIGHTS)[0]  # noqa: S311 - no secret
        if scripted is not None:
            return success | {"count": 0 if scripted.get("error") else success["count"]} | scripted
        if connector.trouble:
            return failed | {"error": connector.trouble}
        # The first sync works: whoever tries the dashboard should see their connector come to life.
        if self._lively and connector.turns > 1 and rng.random() < character:
            return failed | {"error": stories.sync_error(connector.body["type"], at, rng)}
        return success

    def finish_sync(self, connector: Connector, result: Json, at: float, rng: random.Random | None = None) -> None:
        """Write a sync's result {"status", "error", "count"} into a connector, and store what it brought.

        Of a count above 50 only 50 documents are made. The connector itself is not saved here.
        """
        rng = rng or _rng(connector)
        body, count = connector.body, result.get("count")
        files = (body.get("files_count") or 0) + (count or 0)
        reports = (stories.report(body["type"], at, rng) for _ in range(count or 0))
        add_documents(self._store, connector, islice(reports, MOST_DOCUMENTS_PER_SYNC))
        body |= {"files_count": files, "last_sync_at": stamp(at), "last_sync_status": result.get("status")}
        body |= {"last_sync_error_msg": result.get("error"), "last_sync_count": count}

    def _mail(self, connector: Connector, at: float, rng: random.Random) -> None:
        config = connector.body["config"]
        message = stories.mail(config.get("email", ""), config.get("allowed_emails") or [], at, rng)
        add_documents(self._store, connector, [message])
        self._at(connector, SETTLE, at + rng.uniform(*SETTLING_TAKES))

    def _settle(self, connector: Connector, at: float, rng: random.Random) -> None:
        """Take every unfinished document one step on: pending, processing, then completed or failed."""
        error = rng.choice(stories.MAIL_ERRORS) if rng.random() < 0.1 else None
        values = {
            "id": connector.id,
            "at": stamp(at),
            "error": error,
            "end": "failed" if error else "completed",
        }
        unfinished = "connector_id = :id AND created_at <= :at AND status IN ('pending', 'processing')"
        self._store.db.execute(
            "UPDATE documents SET updated_at = max(updated_at, :at),"  # noqa: S608 - constants only
            " error_code = CASE status WHEN 'processing' THEN :error END,"
            f" status = CASE status WHEN 'pending' THEN 'processing' ELSE :end END WHERE {unfinished}",
            values,
        )
        left = f"SELECT 1 FROM documents WHERE {unfinished}"  # noqa: S608 - constants only
        if self._store.db.execute(left, values).fetchone():
            self._at(connector, SETTLE, at + rng.uniform(*SETTLING_TAKES))


def _rng(connector: Connector) -> random.Random:
    return random.Random(f"{connector.id}/{connector.turns}")  # noqa: S311 - repeatable on purpose, no secret
