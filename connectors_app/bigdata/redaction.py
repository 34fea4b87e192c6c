"""Taking a call's own secrets out of whatever upstream says about it."""

import html
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

from .secret import Secret
from .text import one_line

MARK = "•••"


class Redactor:
    """Replaces the secrets of one call, in every spelling an answer may echo them, by "•••"."""

    __slots__ = ("_pattern",)

    def __init__(self, secrets: Iterable[Secret]) -> None:
        """Know every spelling of `secrets`; empty ones are left out."""
        found = {spelling for secret in secrets if secret for spelling in _spellings(secret.reveal())}
        longest_first = sorted(found, key=len, reverse=True)
        # Nothing matches when there is no secret.
        self._pattern = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)", re.IGNORECASE)

    def text(self, text: str) -> str:
        """Return `text` with no secret in it, raw or escaped for JSON, Python, URLs or HTML."""
        return self._pattern.sub(MARK, text)

    def json(self, value: Any) -> Any:
        """Return a copy of parsed JSON with every text in it redacted; keys are kept."""
        return _substitute(self._pattern, value)


def secrets_in(value: object) -> list[Secret]:
    """Return every Secret inside a payload of nested mappings and lists."""
    if isinstance(value, Secret):
        return [value]
    if isinstance(value, Mapping):
        return [secret for inner in value.values() for secret in secrets_in(inner)]
    if isinstance(value, list | tuple):
        return [secret for inner in value for secret in secrets_in(inner)]
    return []


def _substitute(pattern: re.Pattern[str], value: Any) -> Any:
    if isinstance(value, str):
        return pattern.sub(MARK, value)
    if isinstance(value, dict):
        return {key: _substitute(pattern, inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_substitute(pattern, inner) for inner in value]
    return value


def _spellings(value: str) -> set[str]:
    """Return the ways in which an answer may spell `value`; never the empty text."""
    plain = {value, value.strip(), one_line(value), html.escape(value)}
    escaped = {json.dumps(text, ensure_ascii=ascii_only)[1:-1] for text in plain for ascii_only in (True, False)}
    as_python = {spell(text)[1:-1] for text in plain for spell in (repr, ascii)}
    in_urls = {encode(value, safe="", errors="replace") for encode in (quote, quote_plus)}
    in_urls.add(quote(value, errors="replace"))
    return (plain | escaped | as_python | in_urls) - {""}
