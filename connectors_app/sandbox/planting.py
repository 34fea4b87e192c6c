"""Ways for a test to set things up that the API itself offers no way to."""

import uuid
from collections.abc import Sequence
from typing import Any

from connectors_app.sandbox.answers import Json, RefusedError
from connectors_app.sandbox.clock import stamp
from connectors_app.sandbox.documents import COLUMNS, add_documents
from connectors_app.sandbox.routes import shown_config
from connectors_app.sandbox.store import Connector
from connectors_app.sandbox.world import World

_DEFAULT_CONFIGS: dict[str, Json] = {
    "email": {"allowed_emails": ["research@northbank.example"]},
    "investment_research": {"user_id": "broker-user"},
}
_DOCUMENT_DEFAULTS = {
    "file_name": "Planted document.pdf",
    "raw_size": 24_000,
    "content_type": "application/pdf",
}


def plant(
    world: World, *, user_id: str, count: int = 1, alive: bool = False, trouble: str = "", **fields: Any
) -> list[str]:
    """Put `count` connectors there as they are, unchecked, and give their ids.

    `fields` are any fields, of the contract or not. Nothing happens to them by itself unless `alive`.
    `trouble`: the error with which every sync of them fails.
    """
    with world.store.transaction():
        org_id = world.store.org_of(user_id) or "org_id_001"
        now = stamp(world.clock.now())
        basis = {
            "user_id": user_id,
            "org_id": org_id,
            "share_with_org": False,
            "type": "email",
            "description": "",
        }
        basis |= {"created_at": now, "updated_at": now, "archived": False, "label": "Planted"}
        connectors = [
            Connector(_body(basis | fields, number if count > 1 else None), trouble) for number in range(count)
        ]
        world.store.add(connectors)
        for connector in connectors if alive else ():
            world.life.begin(connector)
    return [connector.id for connector in connectors]


def _body(fields: Json, number: int | None) -> Json:
    connector_id = fields.get("connector_id") if number is None else None
    connector_id = connector_id or str(uuid.uuid4())
    config = shown_config(connector_id, fields["type"], _DEFAULT_CONFIGS.get(fields["type"], {}))
    body = {"connector_id": connector_id, "config": config} | fields | {"connector_id": connector_id}
    return body if number is None else body | {"label": f"{fields['label']} {number + 1}"}


def set_sync_result(world: World, connector_id: str, result: Json, *, now: bool = False) -> None:
    """Set the {"status", "error", "count"} of the next sync, or of one that has just finished (`now`)."""
    with world.store.transaction():
        connector = _get(world, connector_id)
        if now:
            world.life.finish_sync(connector, {"status": "SUCCESS"} | result, world.clock.now())
        else:
            connector.scripted = result
        world.store.save(connector)


def plant_documents(
    world: World, connector_id: str, *, count: int = 1, documents: Sequence[Json] = (), **fields: Any
) -> list[str]:
    """Add `count` documents with any fields of the contract (`tags`: a list of names); gives their ids.

    Or, instead of `count` alike, one for each of `documents`, the fields in which they differ.
    """
    if unknown := set(fields).union(*documents) - set(COLUMNS):
        raise ValueError("unknown: " + ", ".join(sorted(unknown)))
    with world.store.transaction():
        connector = _get(world, connector_id)
        basis = _DOCUMENT_DEFAULTS | {"created_at": stamp(world.clock.now())}
        basis |= {"request_origin": connector.body["type"]} | fields
        ids = add_documents(world.store, connector, (basis | own for own in documents or [{}] * count))
        world.store.save(connector)
    return ids


def _get(world: World, connector_id: str) -> Connector:
    connector = world.store.get(str(connector_id).lower())
    if connector is None:
        raise RefusedError(404, "No such connector")
    return connector
