"""Telling apart what keeps an answer from arriving."""

import zlib

import requests
from urllib3.exceptions import (
    ConnectTimeoutError,
    NameResolutionError,
    NewConnectionError,
    ProxyError,
    ReadTimeoutError,
    SSLError,
)

from connectors_app.http.body import BodyTooLarge

from .errors import BigdataError, ConnectionLost, TimedOut, UnexpectedAnswer, Unreachable

_NEVER_SENT = (
    requests.ConnectTimeout,
    requests.exceptions.SSLError,
    requests.exceptions.ProxyError,
    ConnectTimeoutError,
    NewConnectionError,
)
_TOO_SLOW = (requests.Timeout, ReadTimeoutError, TimeoutError)

_WHY_UNREACHABLE: tuple[tuple[type[Exception], str], ...] = (
    (NameResolutionError, "its name could not be looked up"),
    (SSLError, "no secure connection could be set up"),
    (ProxyError, "the proxy did not let the call through"),
    (
        NewConnectionError,
        "the connection was refused",
    ),  # urllib3 makes it a ConnectTimeoutError, so it is first
    (ConnectTimeoutError, "it did not pick up in time"),
)


def failure_from(error: Exception, sent: bool | None) -> BigdataError:
    """Return our error for `error`, without any reference to it (it may hold the request, so the key).

    `sent`: whether the request had started to go out; None if unknown, and then the error must tell.
    """
    if isinstance(error, BodyTooLarge):
        return UnexpectedAnswer("Bigdata.com sent more than this dashboard takes in, so the answer was not used.")
    if isinstance(error, zlib.error):
        return UnexpectedAnswer()
    if sent is False or (sent is None and isinstance(error, _NEVER_SENT)):
        return _unreachable(error)
    return TimedOut() if isinstance(error, _TOO_SLOW) else ConnectionLost()


def _unreachable(error: Exception) -> Unreachable:
    """Return the error for a connection that never came about, with the reason where it is known."""
    wrapped = error.args[0] if error.args else None
    cause = getattr(wrapped, "reason", None) or wrapped
    why = next((words for kind, words in _WHY_UNREACHABLE if isinstance(cause, kind)), "")
    if not why:
        return Unreachable()
    return Unreachable(Unreachable.default_message.replace("reached,", f"reached ({why}),", 1))
