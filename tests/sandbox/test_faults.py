"""Causing trouble on purpose."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from connectors_app.sandbox import SandboxServer

from .conftest import CONFIGS, CONNECTORS, Api

BODY = {"type": "email", "label": "Desk", "config": CONFIGS["email"]}


@pytest.mark.parametrize(
    ("route", "hit"),
    [
        ("*", True),
        ("createConnector", True),
        ("CREATECONNECTOR", True),
        ("POST /contents/v1/connectors", True),
        ("/contents/v1/connectors", True),
        ("/connectors", True),
        ("post connectors", True),
        ("POST", True),
        ("GET", False),
        ("GET /contents/v1/connectors", False),
        ("listConnectors", False),
        ("/contents/v1/connectors/{connector_id}", False),
        ("/contents/v1/documents", False),
    ],
)
def test_a_fault_hits_its_route_and_no_other(alice: Api, route: str, hit: bool) -> None:
    alice.server.fault(route, "500")
    assert alice("POST", CONNECTORS, json=BODY).status_code == (500 if hit else 200)
    assert len(alice.server.requests) == 1


@pytest.mark.parametrize(
    "route", ["getConnector", "/connectors/{connector_id}", "GET /contents/v1/connectors/{id}"]
)
def test_a_template_stands_for_any_id(alice: Api, route: str) -> None:
    path = f"{CONNECTORS}/{alice.create()['connector_id']}"
    alice.server.fault(route, "503", retry_after=7)
    answer = alice("GET", path)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "7")
    assert alice("GET", path).status_code == 200


@pytest.mark.parametrize(("kind", "done"), [("reset-before", 0), ("reset-after", 1)])
def test_a_reset_comes_before_or_after_the_change(alice: Api, kind: str, done: int) -> None:
    alice.server.fault("createConnector", kind)
    with pytest.raises(requests.ConnectionError, match="reset by peer"):
        alice("POST", CONNECTORS, json=BODY)
    assert len(alice.connectors()) == done
    assert alice.server.requests[0]["status"] is None


@pytest.mark.parametrize("kind", ["malformed", "truncated"])
def test_a_spoilt_answer_cannot_be_read(alice: Api, kind: str) -> None:
    alice.server.fault("*", kind)
    with pytest.raises((requests.JSONDecodeError, requests.exceptions.ChunkedEncodingError)):
        alice("GET", CONNECTORS).json()
    assert alice.connectors() == []


def test_a_redirect_points_elsewhere(alice: Api) -> None:
    alice.server.fault("*", "redirect", location="http://127.0.0.1:1/trap")
    answer = alice("GET", CONNECTORS)
    assert (answer.status_code, answer.headers["Location"]) == (307, "http://127.0.0.1:1/trap")


@pytest.mark.parametrize(
    ("kind", "status"), [("401", 401), ("404", 404), ("429", 429), ("502-html", 502), ("wrong-type", 200)]
)
def test_every_answer_of_a_fault_is_marked(alice: Api, kind: str, status: int) -> None:
    alice.server.fault("listConnectors", kind)
    answer = alice("GET", CONNECTORS)
    assert (answer.status_code, answer.headers["X-Sandbox"]) == (status, "true")


@pytest.mark.parametrize("kind", ["drip", "huge"])
def test_an_endless_answer_goes_on_until_the_client_leaves(alice: Api, kind: str) -> None:
    alice.server.fault("*", kind, seconds=0)
    with requests.get(alice.server.url + CONNECTORS, headers=alice.headers, stream=True, timeout=10) as answer:
        assert len(answer.raw.read(5000)) == 5000
    assert alice.connectors() == []


def test_headers_can_drip_too(alice: Api) -> None:
    alice.server.fault("*", "drip", part="headers", seconds=0)
    with pytest.raises(requests.RequestException):
        alice("GET", CONNECTORS)


def test_stopping_ends_what_is_endless() -> None:
    with SandboxServer(activity="quiet") as server:
        server.fault("*", "drip", seconds=3600)
        server.fault("*", "latency", seconds=3600)
        answer = requests.get(server.url + CONNECTORS, stream=True, timeout=10)
    assert answer.status_code == 200


def test_what_waits_when_all_is_emptied_is_not_done_any_more(alice: Api) -> None:
    alice.server.fault("createConnector", "latency", seconds=3600)
    with ThreadPoolExecutor() as other:
        waiting = other.submit(alice, "POST", CONNECTORS, json=BODY)
        while alice("GET", "/__sandbox__/faults").json()["faults"]:
            pass  # Until it has arrived and taken the fault.
        alice.server.reset()
        with pytest.raises(requests.ConnectionError):
            waiting.result()
    assert alice.connectors() == []
    assert [entry["operation"] for entry in alice.server.requests] == ["listConnectors"]


def test_a_fault_may_be_for_one_key_and_until_cleared(alice: Api) -> None:
    alice.server.fault("*", "429", times=0, key="sandbox-bob")
    bob = Api(alice.server, "sandbox-bob")
    assert [bob("GET", CONNECTORS).status_code for _ in range(3)] == [429] * 3
    assert alice("GET", CONNECTORS).status_code == 200
    assert "sandbox-bob" not in alice("GET", "/__sandbox__/faults").text
    alice("DELETE", "/__sandbox__/faults")
    assert bob("GET", CONNECTORS).status_code == 200


def test_a_fault_happens_as_often_as_was_asked(alice: Api) -> None:
    alice.server.fault("*", "500", times=2)
    assert [alice("GET", CONNECTORS).status_code for _ in range(3)] == [500, 500, 200]


def test_an_improbable_fault_does_not_happen(alice: Api) -> None:
    alice.server.fault("*", "500", probability=0)
    assert alice("GET", CONNECTORS).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"route": "nowhere", "fault": "500"},
        {"route": "*", "fault": "boom"},
        {"route": "*", "fault": "500", "times": -1},
        {"route": "*", "fault": "500", "time": 1},
        {"route": "*", "fault": "drip", "part": "middle"},
    ],
)
def test_a_fault_that_means_nothing_is_refused(alice: Api, body: dict[str, object]) -> None:
    assert alice("POST", "/__sandbox__/faults", json=body).status_code == 400
    assert alice("GET", "/__sandbox__/faults").json() == {"faults": []}
