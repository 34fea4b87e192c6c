"""Secrets, taken out of whatever is logged, reported or measured.

Two nets, one behind the other. By value: what this process holds at the moment (keys and passwords on their way
to Bigdata.com, what the request in hand brought, its own configuration), in every spelling. And by look: what is
named like a secret, headers that hold one, one-time links, what comes after the host in any address.
"""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, QueryDict

from connectors_app.bigdata import Secret
from connectors_app.bigdata.redaction import MARK, Redactor
from connectors_app.bigdata.secret import secrets_in_hand
from connectors_app.telemetry.context import current_request

# Anything shorter would take out parts of other words, and is no secret worth its name.
_SHORTEST = 4
_SHORTEST_COOKIE = 16  # Cookies are long, but for the harmless ones: theme, time zone.

_SECRET_NAME = re.compile(
    r"passw(?:or)?d|passphrase|secret|token|api[-_ ]?key|encryption_key|session[-_]?(?:id|key)|cookie"
    r"|authorization|credential|csrf|ciphertext|signature|one[-_]?time|dsn\b",
    re.IGNORECASE,
)
_SECRET_FIELD = re.compile(f"{_SECRET_NAME.pattern}|^(?:url|code|state|key|response)$", re.IGNORECASE)
_VALUE = r"""(?:"(?:\\+[^\\]|[^"\\])*"?|'(?:\\+[^\\]|[^'\\])*'?|\\+["'](?:(?!\\+["']).)*|[^\s,;&)}\]]+)"""

# In this order; each keeps what its first group has found.
_LOOKS_SECRET: tuple[tuple[re.Pattern[str], str], ...] = (
    # The rest of these addresses is a secret: who knows it can join, or choose somebody's password.
    (re.compile(r"(/invitations/|/account/password/reset/key/|/account/confirm-email/)[^/\s\"'<>]+"), r"\1…"),
    # Of any address only scheme and host are harmless: there may be a password before it, and a secret after.
    (re.compile(r"\b([a-z][a-z0-9+.-]{1,20}://)(?:[^\s/@\"'<>]*@)?([^\s/?#\"'<>]+)[^\s\"'<>]*", re.I), r"\1\2/…"),
    (re.compile(r"(\burl: )/[^\s\"'<>)]+"), r"\1/…"),
    (re.compile(r"(\"(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) )\S+( HTTP/)"), r"\1/…\2"),
    (re.compile(r"((?<=[\w/])\?)[\w.~%-]+=[^\s\"'<>]*"), r"\1…"),
    (re.compile(r"(\b(?:cookie|authorization)\s*:\s*)[^\s\"'][^\r\n]*", re.IGNORECASE), rf"\1{MARK}"),
    (re.compile(r"(\b(?:bearer|basic)\s+)[\w.~+/=-]{6,}", re.IGNORECASE), rf"\1{MARK}"),
    (
        re.compile(rf"((?:{_SECRET_NAME.pattern})[\w-]{{0,40}}(?:\\*[\"'])?\s*[:=]\s*){_VALUE}", re.IGNORECASE),
        rf"\1{MARK}",
    ),
)


class Cleaner:
    """Takes secrets out of what is said about one thing: a log line, a report."""

    def __init__(self, request: HttpRequest | None = None) -> None:
        """`request`: the one it is about, if not the one in hand."""
        request = request or current_request()
        brought = [] if request is None else [Secret(value) for value in set(_of_request(request))]
        in_hand = [secret for secret in (*secrets_in_hand(), *brought) if len(secret.reveal()) >= _SHORTEST]
        self._by_value = (_configured(), Redactor(in_hand))

    def text(self, text: str) -> str:
        for known in self._by_value:
            text = known.text(text)
        for pattern, replacement in _LOOKS_SECRET:
            text = pattern.sub(replacement, text)
        return text

    def value(self, value: Any) -> Any:
        """The same for what is not yet text: numbers stay, and what is named like a secret goes whole."""
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, Mapping):
            return {self.text(str(name)): self._named(str(name), inner) for name, inner in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self.value(inner) for inner in value]
        return self.text(str(value))

    def _named(self, name: str, value: Any) -> Any:
        return MARK if _SECRET_NAME.search(name) else self.value(value)


def _of_request(request: HttpRequest) -> Iterator[str]:
    """What it brought that nobody else should know. Nothing is read that was not read before."""
    yield from (value for value in request.COOKIES.values() if len(value) >= _SHORTEST_COOKIE)
    yield request.META.get("HTTP_AUTHORIZATION", "").partition(" ")[2]
    yield from (value for name, value in _typed(request) if _SECRET_FIELD.search(name))
    if request.resolver_match is not None:
        arguments = request.resolver_match.kwargs.items()
        yield from (str(value) for name, value in arguments if _SECRET_FIELD.search(name))


def _typed(request: HttpRequest) -> Iterator[tuple[str, str]]:
    posted: Any = getattr(request, "_post", QueryDict())
    for fields in (request.GET, posted):
        yield from ((name, value) for name in fields for value in fields.getlist(name))


@lru_cache(maxsize=1)
def _configured() -> Redactor:
    """Knows the deployment's own secrets."""
    if not settings.configured:  # gunicorn's first process, which serves nothing.
        return Redactor([])
    database = settings.DATABASES["default"]
    values = [
        *(settings.SECRET_KEY, settings.OIDC_CLIENT_SECRET, settings.METRICS_TOKEN, settings.SENTRY_DSN),
        *(settings.EMAIL_HOST_PASSWORD, database.get("PASSWORD")),
        *(each.partition(":")[2] for each in settings.FIELD_ENCRYPTION_KEYS),
    ]
    return Redactor([Secret(str(value)) for value in values if value])
