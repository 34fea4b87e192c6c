"""`/__sandbox__/…`: how a person or a test steers the sandbox. Needs no key; answers this machine only."""

import ipaddress
import json
import re
import sqlite3
from collections.abc import Callable
from typing import Any

from connectors_app.sandbox.answers import Answer, Json, RefusedError, Request, json_answer
from connectors_app.sandbox.clock import stamp
from connectors_app.sandbox.planting import plant, plant_documents, set_sync_result
from connectors_app.sandbox.world import World

ROOT = "/__sandbox__"
_CONNECTOR_PATH = re.compile(r"/connectors/([^/]+)/(sync-result|documents)")
_WRONG = (ValueError, TypeError, KeyError, AttributeError, OverflowError, sqlite3.Error)


def answer(world: World, request: Request) -> Answer:
    """Answer a control request; 400 says what is wrong with it."""
    if not ipaddress.ip_address(request.client).is_loopback:
        return json_answer(403, {"message": "The sandbox is steered from its own machine only"})
    try:
        data = json.loads(request.body) if request.body else {}
        return json_answer(200, _handle(world, request, data))
    except RefusedError as refused:
        return refused.answer
    except _WRONG as wrong:
        return json_answer(400, {"message": f"{type(wrong).__name__}: {wrong}"})


def _handle(world: World, request: Request, data: Any) -> Any:
    path = request.path.removeprefix(ROOT).rstrip("/")
    if (match := _CONNECTOR_PATH.fullmatch(path)) and request.method == "POST":
        connector_id, what = match.groups()
        return (
            _sync_result(world, connector_id, data)
            if what == "sync-result"
            else _documents(world, connector_id, data)
        )
    handler = _HANDLERS.get((request.method, path))
    if handler is None:
        raise RefusedError(404, "No such control")
    return handler(world, data)


def _about(world: World, _: Json) -> Json:
    return {
        "sandbox": True,
        "what": "A stand-in of the Bigdata.com Connectors API for trying and testing; nothing here is real",
        "activity": world.activity,
        "now": stamp(world.clock.now()),
        "controls": sorted(f"{method} {ROOT}{path}" for method, path in _HANDLERS),
    }


def _keys(world: World, data: Json) -> Json:
    keys = [(key["api_key"], key["user_id"], key["org_id"]) for key in data.get("keys", [data])]
    with world.store.transaction():
        world.store.add_keys(keys)
    return {"added": len(keys)}


def _clock(world: World, data: Json) -> Json:
    if "advance" in data:
        world.advance(float(data["advance"]))
    return {"now": stamp(world.clock.now()), "offset": world.clock.offset}


def _plant(world: World, data: Json) -> Json:
    return {"connector_ids": plant(world, **data)}


def _sync_result(world: World, connector_id: str, data: Json) -> Json:
    now = bool(data.pop("now", False))
    if unknown := set(data) - {"status", "error", "count"}:
        raise ValueError("unknown: " + ", ".join(sorted(unknown)))
    set_sync_result(world, connector_id, data, now=now)
    return {"set": data, "now": now}


def _documents(world: World, connector_id: str, data: Json) -> Json:
    return {"ids": plant_documents(world, connector_id, **data)}


def _faults(world: World, _: Json) -> Json:
    return {"faults": world.faults.all()}


def _add_fault(world: World, data: Json) -> Json:
    return world.faults.add(data.pop("route", ""), data.pop("fault", ""), **data).shown()


def _clear_faults(world: World, _: Json) -> Json:
    world.faults.clear()
    return {"faults": []}


def _requests(world: World, _: Json) -> Json:
    return {"requests": world.journal.entries()}


def _clear_requests(world: World, _: Json) -> Json:
    world.journal.clear()
    return {"requests": []}


def _counts(world: World, _: Json) -> Json:
    return world.journal.counts()


def _reset(world: World, _: Json) -> Json:
    world.reset()
    return {"reset": True}


_HANDLERS: dict[tuple[str, str], Callable[[World, Any], Json]] = {
    ("GET", ""): _about,
    ("POST", "/keys"): _keys,
    ("GET", "/clock"): _clock,
    ("POST", "/clock"): _clock,
    ("POST", "/connectors"): _plant,
    ("GET", "/faults"): _faults,
    ("POST", "/faults"): _add_fault,
    ("DELETE", "/faults"): _clear_faults,
    ("GET", "/requests"): _requests,
    ("DELETE", "/requests"): _clear_requests,
    ("GET", "/requests/counts"): _counts,
    ("POST", "/reset"): _reset,
}
