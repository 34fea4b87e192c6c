"""Faults: what shall go wrong, for which requests, and how often."""

import random
import threading
from dataclasses import asdict, dataclass, replace
from typing import Any

from connectors_app.sandbox.answers import Json, RefusedError, Request
from connectors_app.sandbox.operations import OPERATIONS, PREFIX, operation_name, path_pattern
from connectors_app.sandbox.store import digest

KINDS = (
    "latency", "429", "500", "401", "404", "502-html", "503", "reset-before", "reset-after", "malformed",
    "truncated", "wrong-type", "redirect", "drip", "huge",
)  # fmt: skip
_METHODS = ("GET", "POST", "PUT", "DELETE")


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: `times` is how often it still happens (0: until cleared), `key` the digest of its key.

    `seconds` is the wait of a latency or between the bytes of a drip, `part` "headers" or "body" for a drip.
    """

    number: int
    route: str
    fault: str
    times: int = 1
    seconds: float | None = None
    retry_after: str | None = None
    probability: float = 1.0
    key: str | None = None
    location: str | None = None
    part: str = "body"

    def hits(self, request: Request) -> bool:
        """Whether it is meant for this request."""
        if self.key is not None and self.key != digest(request.api_key):
            return False
        method, target = _split_route(self.route)
        if method and method != request.method:
            return False
        if target in ("", "*"):
            return True
        if target.lower() == operation_name(request.method, request.path).lower():
            return True
        return path_pattern(_full_path(target)).fullmatch(request.path) is not None

    def shown(self) -> Json:
        """As the control API tells it; of a key only that there is one."""
        return asdict(self) | {"key": "•••" if self.key else None}


class Faults:
    """The faults that are set at present, oldest first."""

    def __init__(self) -> None:
        """None at first."""
        self._lock = threading.Lock()
        self._faults: dict[int, Fault] = {}
        self._number = 0
        self._dice = random.Random(0)  # noqa: S311 - repeatable on purpose, no secret

    def add(self, route: str, fault: str, **options: Any) -> Fault:
        """Set a fault. RefusedError says what is wrong with it."""
        _check(route, fault, options)
        options = {name: value for name, value in options.items() if value is not None}
        options |= {"key": digest(options["key"])} if "key" in options else {}
        options |= {"retry_after": str(options["retry_after"])} if "retry_after" in options else {}
        with self._lock:
            self._number += 1
            self._faults[self._number] = Fault(self._number, route, str(fault), **options)
            return self._faults[self._number]

    def take(self, request: Request) -> Fault | None:
        """The fault that happens to this request, counted as happened."""
        with self._lock:
            for fault in self._faults.values():
                if fault.hits(request) and self._dice.random() < fault.probability:
                    self._count(fault)
                    return fault
        return None

    def _count(self, fault: Fault) -> None:
        if fault.times == 1:
            del self._faults[fault.number]
        elif fault.times > 1:
            self._faults[fault.number] = replace(fault, times=fault.times - 1)

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        with self._lock:
            self._faults.clear()

    def all(self) -> list[Json]:
        """What is set at present."""
        with self._lock:
            return [fault.shown() for fault in self._faults.values()]


def _check(route: str, fault: str, options: Json) -> None:
    if str(fault) not in KINDS:
        raise RefusedError(400, "fault must be one of " + ", ".join(KINDS))
    if not isinstance(route, str) or not _is_route(route):
        raise RefusedError(400, "route must be *, an operationId, or a path with or without a method")
    unknown = set(options) - set(Fault.__dataclass_fields__) | ({"number"} & set(options))
    if unknown:
        raise RefusedError(400, "unknown: " + ", ".join(sorted(unknown)))
    for name, value in options.items():
        if value is not None and (wrong := _wrong_option(name, value)):
            raise RefusedError(400, f"{name} {wrong}")


def _wrong_option(name: str, value: Any) -> str:
    """What is wrong with an option, '' for nothing."""
    if name in ("times", "seconds", "probability"):
        kinds = int if name == "times" else int | float
        fine = isinstance(value, kinds) and not isinstance(value, bool) and value >= 0
        return "" if fine else "must be a number from 0"
    if name in ("key", "location"):
        return "" if isinstance(value, str) else "must be a text"
    return "must be headers or body" if name == "part" and value not in ("headers", "body") else ""


def _is_route(route: str) -> bool:
    method, target = _split_route(route)
    names = {operation.name.lower() for operation in OPERATIONS}
    words = ("", "*", "connectors", "documents")
    return "/" in target or target.lower() in names or (target in words and bool(method or target))


def _split_route(route: str) -> tuple[str, str]:
    """A route's method ('' for any) and the rest of it."""
    first, _, rest = route.strip().partition(" ")
    if first.upper() in _METHODS:
        return first.upper(), rest.strip()
    return "", route.strip()


def _full_path(target: str) -> str:
    path = "/" + target.partition("?")[0].strip("/")
    return path if path.startswith(PREFIX) or not path.startswith(("/connectors", "/documents")) else PREFIX + path
