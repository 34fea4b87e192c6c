"""Typed reading of upstream JSON: tolerant of what we do not know, strict about what we rely on."""

import json
import math
import re
from collections.abc import Collection
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any, NoReturn, TypeVar
from uuid import UUID

from .errors import UnexpectedAnswer
from .text import storable

T = TypeVar("T")

MAX_DEPTH = 20
MAX_COUNT = 2**63 - 1  # what a database's big integer holds

_SECRET_KEY = re.compile(
    r"passw|passphrase|pwd|secret|session|token|credential|(api|access|private)[_-]?key|authori[sz]ation|cookie",
    re.IGNORECASE,
)


def decode_json(body: bytes) -> object:
    """Return the JSON value in `body`. UnexpectedAnswer for anything else, NaN and infinity included."""
    with suppress(ValueError, RecursionError):  # not chained: the parser's error holds the whole body
        return json.loads(body, parse_constant=_not_json, parse_float=_finite)
    raise malformed("the body", "not JSON")


def malformed(field: str, problem: str) -> UnexpectedAnswer:
    """Return the error for an answer of the wrong shape. It names the field, never the value."""
    return UnexpectedAnswer(f"{UnexpectedAnswer.default_message} (In the answer, {field} is {problem}.)")


def cleaned(value: Any, depth: int = 0) -> Any:
    """Return a storable copy of parsed JSON: no NULs, and nothing under a key that is named like a secret."""
    if depth > MAX_DEPTH:
        raise malformed("a value", "nested too deeply")
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list):
        return [cleaned(inner, depth + 1) for inner in value]
    if isinstance(value, dict):
        kept = {key: inner for key, inner in value.items() if not _SECRET_KEY.search(key)}
        return {storable(key): cleaned(inner, depth + 1) for key, inner in kept.items()}
    return value


class Fields:
    """Typed reads of one JSON object: missing or null optional ones are None, wrong types refused."""

    def __init__(self, data: object, name: str) -> None:
        """Read `data`, called `name` in errors."""
        if not isinstance(data, dict):
            raise malformed(name, "not an object")
        self._data: dict[str, Any] = data

    def text(self, field: str) -> str:
        """Return a required text."""
        return self._required(field, self.optional_text(field))

    def optional_text(self, field: str) -> str | None:
        """Return a text."""
        value = self._data.get(field)
        if value is None:
            return None
        if not isinstance(value, str):
            raise malformed(field, "not text")
        return storable(value)

    def uuid(self, field: str) -> UUID:
        """Return a required UUID."""
        return self._required(field, self.optional_uuid(field))

    def optional_uuid(self, field: str) -> UUID | None:
        """Return a UUID."""
        text = self.optional_text(field)
        if text is None:
            return None
        with suppress(ValueError):
            return UUID(text)
        raise malformed(field, "not a UUID")

    def moment(self, field: str) -> datetime:
        """Return a required point in time, in UTC."""
        return self._required(field, self.optional_moment(field))

    def optional_moment(self, field: str) -> datetime | None:
        """Return a point in time, in UTC. A time without an offset could be anyone's: it is refused."""
        text = self.optional_text(field)
        if text is None:
            return None
        with suppress(ValueError, OverflowError):
            moment = datetime.fromisoformat(text)
            if moment.tzinfo is not None:
                return moment.astimezone(UTC)
        raise malformed(field, "not a date and time with an offset")

    def optional_date(self, field: str) -> date | None:
        """Return a calendar date."""
        text = self.optional_text(field)
        if text is None:
            return None
        with suppress(ValueError):
            return date.fromisoformat(text)
        raise malformed(field, "not a date")

    def optional_count(self, field: str) -> int | None:
        """Return a whole number from 0 that a database can hold."""
        value = self._data.get(field)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_COUNT:
            raise malformed(field, "not a count")
        return value

    def flag(self, field: str) -> bool:
        """Return true or false; false when missing."""
        value = self._data.get(field)
        if value is None:
            return False
        if not isinstance(value, bool):
            raise malformed(field, "neither true nor false")
        return value

    def optional_object(self, field: str) -> dict[str, Any] | None:
        """Return an object, cleaned of secrets and NULs."""
        value = self._data.get(field)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise malformed(field, "not an object")
        return dict(cleaned(value))

    def items(self, field: str) -> list[Any]:
        """Return a list; empty when missing."""
        value = self._data.get(field)
        if value is None:
            return []
        if not isinstance(value, list):
            raise malformed(field, "not a list")
        return value

    def required_items(self, field: str) -> list[Any]:
        """Return a list that must be there."""
        self._required(field, self._data.get(field))
        return self.items(field)

    def others(self, known: Collection[str]) -> dict[str, Any]:
        """Return every field that is not in `known`, cleaned of secrets and NULs."""
        return dict(cleaned({key: value for key, value in self._data.items() if key not in known}))

    @staticmethod
    def _required(field: str, value: T | None) -> T:
        if value is None:
            raise malformed(field, "missing")
        return value


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number too large to keep")
    return number


def _not_json(_constant: str) -> NoReturn:
    raise ValueError("not a JSON value")
