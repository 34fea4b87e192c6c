"""Somebody who keeps all that the dashboard gives away, and looks in it for what it must not."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client

from tests.pages.canary import spelled_out
from tests.stored import everything_stored


class Listener:
    """`secrets` are what must not be `heard`; both grow while the test goes on."""

    def __init__(self) -> None:
        self.secrets: list[str] = []
        self.heard: list[str] = []
        self.pages = True

    def found(self) -> list[str]:
        """Each spelling of a secret that was heard, with what stands around it."""
        text = "\n".join(self.heard)
        # A number is looked for as it is, and on its own: among other digits some are like it by chance.
        numbers = [secret for secret in self.secrets if secret.isdecimal()]
        words = spelled_out([secret for secret in self.secrets if secret not in numbers])
        patterns = [*(rf"(?<!\d){number}(?!\d)" for number in numbers), *map(re.escape, words)]
        found = filter(None, (re.search(pattern, text) for pattern in patterns))
        return [text[max(0, each.start() - 200) : each.end() + 200] for each in found]

    def browser(self) -> "Overheard":
        return Overheard(self)

    @contextmanager
    def shown_on_purpose(self) -> Iterator[None]:
        """What these pages show is meant for who asked; their headers and cookies are listened to all the same."""
        self.pages = False
        yield
        self.pages = True


class Overheard(Client):
    """A browser whose every answer is kept."""

    def __init__(self, listener: Listener) -> None:
        super().__init__(raise_request_exception=False)
        self.listener = listener

    def request(self, **request: Any) -> Any:
        answer = super().request(**request)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        if self.listener.pages:
            self.listener.heard.append(body.decode())
        self.listener.heard += [str(answer.headers), str(answer.cookies)]
        return answer


def _told_by(record: logging.LogRecord) -> dict[str, Any]:
    """All that a formatter may write, but for the request itself, which none writes whole."""
    return {name: value for name, value in vars(record).items() if name != "request"}


@pytest.fixture
def listener(
    db: None, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str], sandbox: Any
) -> Iterator[Listener]:
    """Listens to pages, logs (everything), prints, mails, tables, sessions and the cache."""
    listening = Listener()
    with caplog.at_level(logging.DEBUG):
        yield listening
    out, err = capsys.readouterr()
    records = caplog.get_records("setup") + caplog.get_records("call")
    listening.heard += [f"{logging.Formatter().format(record)} {_told_by(record)}" for record in records]
    listening.heard += [out, err]
    listening.heard += [str(message.message()) + message.body for message in mail.outbox]
    listening.heard += [everything_stored(), str(vars(cache).get("_cache"))]
    assert records
    assert listening.secrets
    if found := listening.found():
        pytest.fail("A secret was heard:\n" + "\n\n".join(found))
