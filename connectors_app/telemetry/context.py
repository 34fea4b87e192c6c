"""What is going on in this thread: every log line and error report says it without being told."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

from django.http import HttpRequest
from django_guid.context import guid

_facts: ContextVar[Mapping[str, str]] = ContextVar("facts", default=MappingProxyType({}))
_request: ContextVar[HttpRequest | None] = ContextVar("request", default=None)


def facts() -> dict[str, str]:
    """The request's id, the task with its id, the operation: what of these there is."""
    request_id = guid.get()
    return ({"request_id": request_id} if request_id else {}) | dict(_facts.get())


def note(**facts: object) -> None:
    """From here on, until the request or task ends, say this too."""
    _facts.set({**_facts.get(), **{name: str(value) for name, value in facts.items()}})


@contextmanager
def being_about(request: HttpRequest | None = None, **facts: object) -> Iterator[None]:
    """What is noted in the block ends with it."""
    before, request_before = _facts.get(), _request.get()
    note(**facts)
    _request.set(request)
    try:
        yield
    finally:
        _facts.set(before)
        _request.set(request_before)


def current_request() -> HttpRequest | None:
    """The request that is being answered."""
    return _request.get()


def request_id() -> str:
    """The id of the request that is being answered; '' if there is none."""
    return guid.get() or ""
