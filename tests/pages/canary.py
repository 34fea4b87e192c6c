"""Marked secrets, a browser that remembers all it was answered, and answers that repeat what they were asked."""

import base64
import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.contrib.messages.storage.cookie import CookieStorage
from django.http import HttpRequest
from django.test import Client

# Each has a plain part that stays visible in any spelling (JSON, HTML, URL, repr) of the whole.
KEY = "canary-4f1c9-key-of-alice"
OTHER_KEY = "canary-8a7b2-another-key"
PASSWORD = "canary-77d0e-password \"'<&>\\ ünï ✓"
SESSION_ID = "canary-c3e55-session/+="
CANARIES = ("canary-4f1c9", "canary-8a7b2", "canary-77d0e", "canary-c3e55")


class Recorder(Client):
    """A browser that keeps all that it was ever answered, with the messages in its cookie unpacked."""

    def __init__(self, heard: list[str]) -> None:
        super().__init__(raise_request_exception=False)
        self.heard = heard

    def request(self, **request: Any) -> Any:
        answer = super().request(**request)
        self.heard += [answer.content.decode(), str(answer.headers), str(answer.cookies)]
        if "messages" in answer.cookies:
            self.heard.append(str(CookieStorage(HttpRequest())._decode(answer.cookies["messages"].value)))
        return answer


def spelled_out(canaries: Iterable[str] = CANARIES) -> list[str]:
    """Also backwards, and in base64 wherever in a text it began."""
    coded = [
        base64.b64encode(b"x" * shift + each.encode())[4:-4].decode() for each in canaries for shift in range(3)
    ]
    return [*canaries, *(each[::-1] for each in canaries), *coded]


def canaries_in(request: bytes) -> int:
    """How many of the marked secrets a request holds."""
    return sum(canary.encode() in request for canary in CANARIES)


def echo(status: int, request: bytes) -> bytes:
    """An answer that repeats the request in every way that an answer has to say something."""
    head, _, body = request.partition(b"\r\n\r\n")
    asked = json.loads(body) if body else {}
    key = head.partition(b"X-API-KEY: ")[2].partition(b"\r\n")[0].decode()
    config = asked.get("config", {})
    said = {
        "message": f"{key} may not ask for {body.decode()} with {urlencode(config)}",
        "detail": [
            {"loc": ["body", "config", name], "msg": f"{value} is not valid"} for name, value in config.items()
        ],
        "errors": {**config, "label": [f"not with {key}"]},
        "input": asked,
    }
    return answer(status, said)


def created(request: bytes) -> bytes:
    """A created connector that repeats the request where it has no business."""
    body = request.partition(b"\r\n\r\n")[2]
    if not body:
        return answer(500, {})  # Only a create has anything to repeat.
    asked = json.loads(body)
    config = asked["config"]
    now = "2026-02-11T11:01:09.574095Z"
    who = {
        "user_id": "user_alice",
        "org_id": "org_id_001",
        "created_at": now,
        "updated_at": now,
        "archived": False,
    }
    told = {"asked": asked, "note": [f"with {value}" for value in config.values()]}
    last_sync = {
        "last_sync_error_msg": f"refused {json.dumps(config)} {urlencode(config)}",
        "last_sync_status": "FAILED",
    }
    return answer(200, {"connector_id": str(uuid4()), **who, **asked, **told, **last_sync})


def answer(status: int, value: Any) -> bytes:
    body = json.dumps(value).encode()
    head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body
