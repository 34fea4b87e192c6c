"""The log of what was asked, for tests and for the curious: never a key, never a secret."""

import json
import threading
from collections import Counter, deque
from typing import Any

from connectors_app.sandbox.answers import Json, Request
from connectors_app.sandbox.clock import stamp
from connectors_app.sandbox.operations import operation_name

KEPT = 10_000
SECRETS = ("user_password", "session_id", "api_key", "password")


class Journal:
    """The last 10,000 requests to the contract's paths, and counts of all since the last clearing."""

    def __init__(self) -> None:
        """Empty."""
        self._lock = threading.Lock()
        self._entries: deque[Json] = deque(maxlen=KEPT)
        self._operations: Counter[str] = Counter()
        self._minutes: Counter[str] = Counter()

    def add(
        self, request: Request, *, user_id: str | None, status: int | None, fault: str | None, at: float
    ) -> None:
        """Note a request; `status` is None when the connection was reset instead of answered."""
        entry = {
            "time": stamp(at),
            "method": request.method,
            "path": request.path,
            "query": request.query,
            "operation": operation_name(request.method, request.path) or None,
            "user_id": user_id,
            "status": status,
            "fault": fault,
            "body": _readable(request.body),
        }
        with self._lock:
            self._entries.append(entry)
            self._operations[entry["operation"] or "unknown"] += 1
            self._minutes[entry["time"][:16] + "Z"] += 1

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            for kept in (self._entries, self._operations, self._minutes):
                kept.clear()

    def entries(self) -> list[Json]:
        """What is kept, oldest first."""
        with self._lock:
            return list(self._entries)

    def counts(self) -> Json:
        """How many requests by operationId and by minute."""
        with self._lock:
            return {"operations": dict(self._operations), "minutes": dict(self._minutes)}


def _readable(body: bytes) -> Any:
    """A JSON body with its secrets replaced; of anything else only the length."""
    if not body:
        return None
    try:
        return _without_secrets(json.loads(body))
    except (ValueError, RecursionError):
        return f"({len(body)} bytes that are not JSON)"


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: "•••" if name in SECRETS else _without_secrets(item) for name, item in value.items()}
    return [_without_secrets(item) for item in value] if isinstance(value, list) else value
