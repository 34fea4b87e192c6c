"""Of the calls that one process may have under way, clicks always get theirs, and none waits long for it."""

from collections.abc import Callable

import pytest
from pytest_django.fixtures import Settings

from connectors_app.bigdata import Busy, ConcurrencyGate
from connectors_app.models import Member
from connectors_app.sandbox import SandboxServer
from connectors_app.services import upstream


def test_courtesies_leave_a_slot_to_a_click() -> None:
    gate = ConcurrencyGate(3)
    with gate.slot(0), gate.slot(0):
        with pytest.raises(Busy), gate.slot(0):
            pass
        with gate.slot(1):
            pass


def test_clicks_take_the_slots_of_courtesies_too() -> None:
    gate = ConcurrencyGate(2)
    with gate.slot(1), gate.slot(1), pytest.raises(Busy), gate.slot(0):
        pass


@pytest.mark.parametrize("limit", [1, 2])
def test_a_courtesy_that_was_refused_takes_nothing(limit: int) -> None:
    gate = ConcurrencyGate(limit)
    with gate.slot(0):
        for _ in range(3):
            with pytest.raises(Busy), gate.slot(0):
                pass
    with gate.slot(0):
        pass


@pytest.mark.timeout(60)
def test_a_click_does_not_wait_for_a_slot_as_long_as_for_an_answer(
    alice: Member,
    with_key: Callable[[Member], Member],
    sandbox: SandboxServer,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key = with_key(alice).key
    sandbox.clear_requests()
    settings.BIGDATA_MAX_CONCURRENCY, settings.BIGDATA_TOTAL_TIMEOUT = 1, 3600
    monkeypatch.setattr(upstream, "_PATIENCE", 0.01)
    with upstream.transport()._gate.slot(0), upstream.calling(key) as client, pytest.raises(Busy):
        client.list_connectors()
    assert sandbox.requests == []
