"""At most so many calls at once; who finds no slot is told so politely."""

import threading

import pytest

from connectors_app.bigdata import BigdataClient, Busy, ConcurrencyGate, Secret, TimedOut

from .conftest import KEY
from .servers import OK_LIST


def test_a_full_gate_turns_away():
    gate = ConcurrencyGate(1)
    with gate.slot(0), pytest.raises(Busy) as caught, gate.slot(0):
        pass
    assert not caught.value.may_have_happened


def test_a_slot_is_free_again_after_its_block_even_after_an_error():
    gate = ConcurrencyGate(1)
    for _ in range(3):
        with pytest.raises(KeyError), gate.slot(0):
            raise KeyError
    with gate.slot(-1):
        pass


def test_waiting_gets_the_slot_that_becomes_free():
    gate, entered = ConcurrencyGate(1), threading.Event()

    def hold():
        with gate.slot(0):
            entered.set()

    threading.Thread(target=hold).start()
    assert entered.wait(5)
    with gate.slot(5):
        pass


@pytest.mark.parametrize("limit", [0, -1])
def test_a_gate_without_slots_is_refused(limit):
    with pytest.raises(ValueError, match="at least 1"):
        ConcurrencyGate(limit)


def test_a_client_that_will_not_wait_is_told_that_we_are_busy(serve, connect):
    inside, leave = threading.Event(), threading.Event()

    def hold(connection, _request):
        inside.set()
        leave.wait(5)
        connection.sendall(OK_LIST)

    server, results = serve(hold), []
    patient = connect(server.url, max_concurrency=1)
    worker = threading.Thread(target=lambda: results.append(patient.list_connectors()))
    worker.start()
    assert inside.wait(5)
    with pytest.raises(Busy):
        BigdataClient(Secret(KEY), patient._transport, wait=0.0).list_connectors()
    leave.set()
    worker.join()
    assert (results, len(server.requests)) == ([[]], 1)


def test_a_failed_call_gives_its_slot_back(serve, connect):
    over = threading.Event()
    server = serve(lambda _connection, _request: over.wait(5))
    client = connect(server.url, max_concurrency=1, read_timeout=0.1)
    for _ in range(2):
        with pytest.raises(TimedOut):
            client.list_connectors()
    over.set()
