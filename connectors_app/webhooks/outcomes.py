"""What an answer, or the lack of one, means for a delivery."""

import socket
from collections.abc import Iterator
from http import HTTPStatus

import requests

from connectors_app.http.retry_after import retry_after

from .errors import HostNotFound, Undelivered

MAX_RETRY_AFTER = 3600.0

_TEMPORARY = frozenset({408, 425, 429})  # and every 5xx


def undelivered_by_answer(status: int, wait: str | None) -> Undelivered | None:
    """Return None for a 2xx; else what the status means. `wait` is the Retry-After header."""
    if 200 <= status < 300:
        return None
    if 300 <= status < 400:
        message = f"{status}: answered with a redirect, which is not followed"
        return Undelivered(message, can_retry=False, status=status)
    can_retry = status in _TEMPORARY or status >= 500
    seconds = retry_after(wait) if can_retry else None
    bounded = None if seconds is None else min(seconds, MAX_RETRY_AFTER)
    return Undelivered(_named(status), can_retry=can_retry, retry_after=bounded, status=status)


def undelivered_by_trouble(error: Exception, seconds: float) -> Undelivered:
    """Return what `error` means, without any reference to it. All of it may pass by itself."""
    causes = list(_causes(error))

    def is_a(*kinds: type[BaseException]) -> bool:
        return any(isinstance(cause, kinds) for cause in causes)

    if is_a(socket.gaierror):
        return HostNotFound("The host name was not found", can_retry=True)
    if is_a(TimeoutError):
        message = f"No answer within {seconds:g} seconds"
    elif is_a(requests.exceptions.SSLError):
        message = "No secure connection could be set up: the certificate may not be valid for this host"
    elif is_a(ConnectionRefusedError):
        message = "The connection was refused"
    else:
        message = "The connection ended without an answer"
    return Undelivered(message, can_retry=True)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__context__


def _named(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)
