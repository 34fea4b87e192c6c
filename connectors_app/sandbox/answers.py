"""What comes in and what goes out: requests, answers, and the refusals that cut an answer short."""

import json
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
Header = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, read in full. Its key and body may hold secrets, so its repr shows neither."""

    method: str
    path: str
    query: str
    client: str
    api_key: str = field(default="", repr=False)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer: status, body and the headers beyond the usual ones."""

    status: int
    body: bytes = b""
    headers: tuple[Header, ...] = ()
    content_type: str = "application/json"


def json_answer(status: int, value: object, *headers: Header) -> Answer:
    """An answer whose body is `value` as JSON."""
    return Answer(status, json.dumps(value).encode(), headers)


class RefusedError(Exception):
    """Ends a request with an error status and {"message": …} (the contract's `Error` schema)."""

    def __init__(self, status: int, message: str, *headers: Header) -> None:
        """Keep the answer to give; `message` must not repeat anything of the request."""
        super().__init__(message)
        self.answer = json_answer(status, {"message": message}, *headers)


class FieldsRefusedError(RefusedError):
    """Ends a request with 400 and one entry per wrong field, each saying where it is and what is wrong."""

    def __init__(self, errors: dict[tuple[str, ...], str]) -> None:
        """`errors` maps a place such as ("body", "config", "session_id") to what is wrong there."""
        super().__init__(400, "Some fields are not valid")
        detail = [{"loc": list(place), "msg": text, "type": "value_error"} for place, text in errors.items()]
        self.answer = json_answer(400, {"detail": detail})
