"""docs/webhooks.md says what is sent: its examples are held against real messages, its program is run."""

import json
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from connectors_app.choices import Cause, Ending, EventKind, IncidentKind
from connectors_app.models import Channel
from connectors_app.services.alerts.delivery import deliver
from connectors_app.services.upstream import reject
from connectors_app.webhooks import signature
from tests.alerts.conftest import LOGIN, at, make_messages

PAGE = (settings.BASE_DIR / "docs" / "webhooks.md").read_text()
SECRET, BODY = "whsec_canary", b'{"id": "6f1c"}'


def blocks(language: str) -> list[str]:
    return re.findall(rf"(?s)```{language}\n(.*?)```", PAGE)


EXAMPLE, OF_A_KEY = (json.loads(block) for block in blocks("json"))


@pytest.fixture
def hook(make_channel, receiver) -> Channel:
    return make_channel("webhook", url=receiver.url)


@pytest.fixture
def is_ours() -> Callable[[str, bytes, str], bool]:
    """As a reader of the page would copy it."""
    [program] = blocks("python")
    names: dict[str, Any] = {}
    exec(program, names)  # noqa: S102  (our own documentation)
    return names["is_ours"]


def shape(value: Any) -> Any:
    """Names and types, without the values. The order of names is the database's."""
    if isinstance(value, dict):
        return {name: shape(each) for name, each in value.items()}
    return [shape(each) for each in value] if isinstance(value, list) else type(value)


def test_the_example_is_what_is_sent(watch, alice, hook, receiver):
    watch(alice).sync(0, LOGIN)
    make_messages(2)
    deliver(hook.pk)
    [body] = receiver.bodies
    assert shape(body) == shape(EXAMPLE)
    same = ("schema_version", "type")
    assert [body[name] for name in same] == [EXAMPLE[name] for name in same]
    same = ("number", "type", "kind", "cause", "ending", "failures_in_a_row", "error")
    assert [body["incidents"][0][name] for name in same] == [EXAMPLE["incidents"][0][name] for name in same]


def test_so_is_the_example_of_a_key(watch, alice, hook, receiver):
    feed = watch(alice)
    reject(feed.api_key, now=timezone.now())
    make_messages(0)
    assert deliver(hook.pk) == 0
    make_messages((timezone.now() - at(0)).total_seconds() / 60 + 2)
    deliver(hook.pk)
    [body] = receiver.bodies
    assert body.keys() == EXAMPLE.keys()
    assert shape(body["incidents"]) == shape([OF_A_KEY])
    same = ("number", "type", "kind", "cause", "ending", "member")
    assert [body["incidents"][0][name] for name in same] == [OF_A_KEY[name] for name in same]


def test_every_field_of_the_example_is_explained():
    told = set(re.findall(r"`(\w+)`", PAGE))
    assert {*EXAMPLE, *EXAMPLE["incidents"][0], *OF_A_KEY} <= told


@pytest.mark.parametrize("choice", [*IncidentKind, *Cause, *Ending, *EventKind])
def test_every_value_is_named(choice):
    written = f"`incidents.{choice}`" if isinstance(choice, EventKind) else f"`{choice}`"
    assert written in PAGE


def now() -> int:
    return int(timezone.now().timestamp())


def test_the_documented_program_knows_what_is_ours(is_ours, watch, alice, hook, receiver):
    watch(alice).sync(0, LOGIN)
    make_messages(2)
    deliver(hook.pk)
    head, _, body = receiver.server.requests[0].partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    assert is_ours(SECRET, body, headers["X-Signature"])
    assert headers["X-Event-Id"] == json.loads(body)["id"]


def test_it_knows_what_is_not(is_ours):
    header = signature(SECRET, BODY, timestamp=now())
    assert is_ours(SECRET, BODY, header)
    assert not is_ours("another", BODY, header)
    assert not is_ours(SECRET, BODY + b" ", header)
    assert not is_ours(SECRET, BODY, header.replace("t=", "t=1"))
    assert not is_ours(SECRET, BODY, signature(SECRET, BODY, timestamp=now() - 301))
    assert not is_ours(SECRET, BODY, signature(SECRET, BODY, timestamp=now() + 310))
    assert not is_ours(SECRET, BODY, header[:-1] + "é")


@pytest.mark.parametrize("header", ["", "x", "t=1", "v1=1", "t=1,v1", "t=one,v1=1"])
def test_nothing_that_is_no_signature_passes(is_ours, header):
    with suppress(ValueError, KeyError):
        assert not is_ours(SECRET, BODY, header)
