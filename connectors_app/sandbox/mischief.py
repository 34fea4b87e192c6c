"""What a fault does to one request: which answer there is, and in which manner it is delivered."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from connectors_app.sandbox.answers import Answer, Header, json_answer
from connectors_app.sandbox.faults import Fault

Manner = Literal["whole", "reset", "cut", "drip", "drip-headers", "endless"]

_HTML = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
_BEGUN = Answer(200, b'{"results": [')
_MESSAGES = {
    "401": "The API key is missing or invalid",
    "404": "No such connector",
    "429": "Too many requests",
    "500": "Internal server error",
    "503": "Service unavailable",
}


@dataclass(frozen=True, slots=True)
class Delivery:
    """An answer and the manner of its delivery. `pause` is the seconds between the bytes of a drip.

    reset: the connection is reset instead; cut: the body ends halfway; endless: the body never ends.
    """

    answer: Answer
    manner: Manner = "whole"
    pause: float = 0.1


def deliver(fault: Fault | None, carry_out: Callable[[], Answer], wait: Callable[[float], bool]) -> Delivery:
    """Decide what becomes of a request. `carry_out` does what was asked.

    `wait` takes seconds, and says whether it was ended before: then nothing is done, and the connection reset.
    """
    if fault is None:
        return Delivery(carry_out())
    if fault.fault == "latency":
        ended = wait(1.0 if fault.seconds is None else fault.seconds)
        return Delivery(_BEGUN, "reset") if ended else Delivery(carry_out())
    if fault.fault in _SPOILING:
        return _SPOILING[fault.fault](carry_out())
    return _instead(fault)


def _instead(fault: Fault) -> Delivery:
    """What comes in place of doing what was asked."""
    if fault.fault == "reset-before":
        return Delivery(_BEGUN, "reset")
    if fault.fault == "drip":
        pause = 0.1 if fault.seconds is None else fault.seconds
        return Delivery(_BEGUN, "drip-headers" if fault.part == "headers" else "drip", pause)
    return Delivery(_BEGUN, "endless") if fault.fault == "huge" else Delivery(_error(fault))


def _malformed(answer: Answer) -> Answer:
    """The answer as text that is not JSON: complete by its length, but its end is missing."""
    return replace(answer, body=answer.body[:-2] + b",")


def _wrong_type(answer: Answer) -> Answer:
    """JSON of a shape that the contract does not know, with the status that the right answer has."""
    wrong = {"results": {"connector": None}, "connector_id": 17, "label": ["x"], "status": 5}
    return replace(json_answer(200, wrong), status=answer.status)


# What is done as asked, and only then goes wrong on the way back.
_SPOILING: dict[str, Callable[[Answer], Delivery]] = {
    "reset-after": lambda answer: Delivery(answer, "reset"),
    "truncated": lambda answer: Delivery(answer, "cut"),
    "malformed": lambda answer: Delivery(_malformed(answer)),
    "wrong-type": lambda answer: Delivery(_wrong_type(answer)),
}


def _error(fault: Fault) -> Answer:
    if fault.fault == "502-html":
        return Answer(502, _HTML, content_type="text/html")
    if fault.fault == "redirect":
        return Answer(307, b"", (("Location", fault.location or "http://127.0.0.1:9/elsewhere"),))
    headers: list[Header] = [] if fault.retry_after is None else [("Retry-After", fault.retry_after)]
    return json_answer(int(fault.fault), {"message": _MESSAGES[fault.fault]}, *headers)
