"""Making an error out of an answer that is not 2xx.

The reference shows no error body. Seen in the wild: {"message": …}, {"errorCode": …}, {"detail": …} as a
text or a list, HTML from a gateway, nothing at all. Whatever comes, the result is an error with a plain
message; what is useful of upstream's own words is kept, without the call's secrets.
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from connectors_app.http.retry_after import retry_after

from .errors import (
    MAX_UPSTREAM_MESSAGE,
    BigdataError,
    NoSuchRoute,
    RateLimited,
    Refused,
    error_class,
    redirected,
)
from .redaction import Redactor
from .text import one_line

FIELDS = (
    "label",
    "description",
    "share_with_org",
    "allowed_emails",
    "user_id",
    "user_password",
    "session_id",
    "date_limit",
)

_NO_SUCH_ROUTE = "missing authentication token"
_TEXT_KEYS = ("message", "msg", "detail", "error", "errors", "title", "error_description", "errorMessage")
_CODE_KEYS = ("errorCode", "error_code", "code")
_CONTAINERS = frozenset({"errors", "error", "detail", "details", "fields", "config", "body"})
_MAX_DEPTH = 6
_MAX_ITEMS = 20


def error_from(status: int, headers: Mapping[str, str], body: bytes, redactor: Redactor) -> BigdataError:
    """Return the error for an answer with a status that is not 2xx. `headers` ignores case."""
    if 300 <= status < 400:
        return redirected(status)
    problem = _parsed(body)
    said = _presentable(_text_of(problem), redactor)
    if said.lower().rstrip(".") == _NO_SUCH_ROUTE:
        return NoSuchRoute(status=status, upstream_message=said)
    error = error_class(status)
    if error is Refused:
        return Refused(status=status, upstream_message=said, fields=_fields(problem, said, redactor))
    if error is RateLimited:
        wait = retry_after(headers.get("Retry-After"))
        return RateLimited(status=status, upstream_message=said, retry_after=wait)
    return error(status=status, upstream_message=said)


def _parsed(body: bytes) -> object:
    """Return the parsed JSON, else the text, of an error body."""
    with suppress(ValueError, RecursionError):
        return json.loads(body)
    text = body.decode("utf-8", "replace")
    return "" if text.lstrip().startswith(("{", "[")) else text  # a broken piece of JSON tells nobody anything


def _text_of(value: object, depth: int = 0) -> str:
    """Return the words for people in an error body, '' if there are none."""
    if isinstance(value, str):
        return "" if value.lstrip("\ufeff \t\r\n").startswith("<") else value
    if depth > _MAX_DEPTH:
        return ""
    if isinstance(value, list):
        return "; ".join(filter(None, (_text_of(item, depth + 1) for item in value[:_MAX_ITEMS])))
    if isinstance(value, dict):
        return _text_of_object(value, depth)
    return ""


def _text_of_object(value: dict[str, Any], depth: int) -> str:
    words = next(filter(None, (_text_of(value.get(key), depth + 1) for key in _TEXT_KEYS)), "")
    code = next((value[key] for key in _CODE_KEYS if isinstance(value.get(key), str)), "")
    if words and code:
        return f"{words} ({code})"
    return words or code or _named_texts(value, depth)


def _named_texts(value: dict[str, Any], depth: int) -> str:
    """Return "label: too long; …" for an object that maps field names to messages."""
    told = ((name, _text_of(value[name], depth + 1)) for name in FIELDS if name in value)
    return "; ".join(f"{name}: {text}" for name, text in told if text)


def _fields(problem: object, said: str, redactor: Redactor) -> dict[str, str]:
    """Return what is wrong with which field: told by the body's structure, else by the message's words."""
    told = {name: _presentable(text, redactor) for name, text in _told(problem) if text}
    return told or {name: said for name in FIELDS if re.search(_in_words(name), said, re.IGNORECASE)}


def _told(value: object, *, inside: bool = False, depth: int = 0) -> Iterator[tuple[str, str]]:
    """Yield (field, message) pairs. A key counts as a field only `inside` a container of errors."""
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, list):
        for item in value[:_MAX_ITEMS]:
            yield from _told(item, inside=inside, depth=depth + 1)
    elif isinstance(value, dict):
        yield from _told_by_object(value, inside, depth)


def _told_by_object(value: dict[str, Any], inside: bool, depth: int) -> Iterator[tuple[str, str]]:
    place = value.get("loc", value.get("field"))
    if place is not None:  # beside it may stand "input", the refused value: not to be looked into
        yield from ((name, _text_of_object(value, depth)) for name in _named_by(place))
        return
    for key, inner in value.items():
        if inside and key in FIELDS:
            yield key, _text_of(inner, depth + 1)
        elif key in _CONTAINERS:
            yield from _told(inner, inside=True, depth=depth + 1)


def _named_by(place: object) -> list[str]:
    """Return the field that ["body", "config", "user_id", 0] or "config.user_id" points to, if any."""
    steps = place if isinstance(place, list) else str(place).split(".")
    return [step for step in steps if isinstance(step, str) and step in FIELDS][-1:]


def _in_words(name: str) -> str:
    """Return a pattern for a field's name in a sentence: user_id, "user id", userId."""
    return rf"(?<![a-z_-]){name.replace('_', '[ _-]?')}(?![a-z_-])"


def _presentable(text: str, redactor: Redactor) -> str:
    """Return one short line without the call's secrets; cut last, so that no half of one is left."""
    return redactor.text(one_line(redactor.text(text)))[:MAX_UPSTREAM_MESSAGE]
