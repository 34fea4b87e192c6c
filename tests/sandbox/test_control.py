"""Steering the sandbox: state, clock, log, planting, limits, stopping."""

from pathlib import Path

import pytest
import requests

from connectors_app.sandbox import SandboxServer

from .conftest import CONNECTORS, Api


def test_the_state_survives_a_restart(tmp_path: Path) -> None:
    state = tmp_path / "deep" / "state.sqlite3"
    with SandboxServer(state, activity="quiet") as server:
        created = Api(server).create("sharepoint")
        Api(server).sync(created["connector_id"], {})
        server.advance(1000)
    with SandboxServer(state, activity="quiet") as server:
        assert Api(server)("GET", "/__sandbox__/clock").json()["offset"] == 1000
        assert Api(server).get(created["connector_id"])["last_sync_status"] == "SUCCESS"


def test_the_log_shows_who_asked_for_what_but_no_secret(alice: Api) -> None:
    alice.create("investment_research")
    alice("GET", f"{CONNECTORS}?x=1")
    first, second = alice("GET", "/__sandbox__/requests").json()["requests"]
    assert (first["operation"], first["user_id"], first["status"]) == ("createConnector", "user_alice", 200)
    assert first["body"]["config"] == {"user_id": "desk-7", "user_password": "•••"}
    assert (second["path"], second["query"]) == (CONNECTORS, "x=1")
    counts = alice("GET", "/__sandbox__/requests/counts").json()
    assert counts["operations"] == {"createConnector": 1, "listConnectors": 1}
    alice("DELETE", "/__sandbox__/requests")
    assert alice.server.requests == []


def test_a_planted_connector_comes_back_as_it_was_planted(alice: Api) -> None:
    odd = {
        "type": "carrier_pigeon",
        "last_sync_status": "MOLTING",
        "wings": 2,
        "org_id": "org_9",
        "created_at": None,
    }
    answer = alice("POST", "/__sandbox__/connectors", json={"user_id": "user_alice", **odd})
    (connector_id,) = answer.json()["connector_ids"]
    assert alice.get(connector_id).items() >= odd.items()


def test_thousands_can_be_planted_at_once(alice: Api) -> None:
    ids = alice.server.plant("user_bob", count=3000, label="Feed", share_with_org=True)
    connectors = alice.connectors()
    assert [c["connector_id"] for c in connectors] == ids
    assert connectors[-1]["label"] == "Feed 3000"


def test_reset_empties_everything(alice: Api) -> None:
    alice.create()
    alice.server.add_key("extra", "user_extra")
    alice.server.fault("*", "500", times=0)
    alice.server.advance(50)
    alice("POST", "/__sandbox__/reset")
    assert alice.connectors() == []
    assert Api(alice.server, "extra")("GET", CONNECTORS).status_code == 401
    assert alice("GET", "/__sandbox__/clock").json()["offset"] == 0


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "clock", {"advance": -1}, 400),
        ("POST", "clock", {"advance": "soon"}, 400),
        ("POST", "clock", {"advance": 1e300}, 400),
        ("POST", "keys", {"api_key": "x"}, 400),
        ("POST", "keys", [], 400),
        ("POST", "connectors", {}, 400),
        ("POST", "connectors/019a9612-bfad-758c-884e-37dd8c6ad2cb/documents", {}, 404),
        ("GET", "nothing", {}, 404),
    ],
)
def test_a_wrong_control_request_is_refused(
    alice: Api, method: str, path: str, body: dict[str, object], status: int
) -> None:
    answer = alice(method, "/__sandbox__/" + path, json=body)
    assert (answer.status_code, answer.headers["X-Sandbox"]) == (status, "true")


def test_faults_leave_the_controls_alone(alice: Api) -> None:
    alice.server.fault("*", "500", times=0)
    assert alice("GET", "/__sandbox__/").json()["sandbox"] is True


def test_the_501st_request_of_a_minute_is_one_too_many() -> None:
    with SandboxServer(activity="quiet", limits=True) as server, requests.Session() as session:
        session.headers["X-API-KEY"] = "sandbox-alice"
        answers = [session.get(server.url + CONNECTORS, timeout=10) for _ in range(1010)]
        refused = [answer for answer in answers if answer.status_code == 429]
        assert refused
        assert {"Retry-After" in answer.headers for answer in refused[:2]} == {True, False}
        server.advance(60)
        assert session.get(server.url + CONNECTORS, timeout=10).status_code == 200


def test_a_taken_port_is_an_error_at_once() -> None:
    with SandboxServer() as server:
        port = int(server.url.rpartition(":")[2])
        with pytest.raises(OSError, match="in use"):
            SandboxServer(port=port)


def test_after_stopping_nothing_answers() -> None:
    with SandboxServer() as server, requests.Session() as session:
        session.get(server.url + "/__sandbox__/", timeout=10)  # a kept-alive connection must not hold it up
        server.stop()
        with pytest.raises(requests.ConnectionError):
            session.get(server.url + "/__sandbox__/", timeout=10)
        server.stop()


def test_connections_are_kept_alive(alice: Api) -> None:
    with requests.Session() as session:
        session.headers.update(alice.headers)
        ports = set()
        for _ in range(3):
            answer = session.get(alice.server.url + CONNECTORS, stream=True, timeout=10)
            ports.add(answer.raw.connection.sock.getsockname()[1])
            assert answer.json() == {"results": []}
    assert len(ports) == 1
