"""The contract's operations, one function each."""

import hashlib
import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qs

from connectors_app.sandbox import stories
from connectors_app.sandbox.answers import (
    Answer,
    FieldsRefusedError,
    Json,
    RefusedError,
    Request,
    json_answer,
)
from connectors_app.sandbox.clock import stamp
from connectors_app.sandbox.documents import find_documents, parse_query
from connectors_app.sandbox.operations import resolve
from connectors_app.sandbox.store import Connector, Person
from connectors_app.sandbox.validation import (
    UNKNOWN_PARAMETER,
    UUID_TEXT,
    check_create,
    check_sync,
    check_update,
    parse_object,
)
from connectors_app.sandbox.world import World


@dataclass(frozen=True, slots=True)
class Call:
    """One authenticated request for one operation; `connector_id` is '' where the path has none."""

    world: World
    person: Person
    request: Request
    connector_id: str


def answer(world: World, request: Request) -> Answer:
    """Answer a request to a path of the contract, and keep what it changed."""
    with world.store.transaction():
        try:
            operation, connector_id = resolve(request.method, request.path)
            world.limits.check(request, world.clock.now())
            person = _authenticate(world, request)
            call = Call(world, person, request, _checked_id(connector_id))
            world.life.catch_up(person)
            return OPERATIONS[operation.name](call)
        except RefusedError as refused:
            return refused.answer


def _authenticate(world: World, request: Request) -> Person:
    person = world.store.person(request.api_key)
    if person is None:
        raise RefusedError(401, "The API key is missing or invalid")
    return person


def _checked_id(connector_id: str) -> str:
    if connector_id and not UUID_TEXT.fullmatch(connector_id):
        raise RefusedError(400, "connector_id must be a UUID")
    return connector_id.lower()


def _visible(call: Call) -> Connector:
    connector = call.world.store.get(call.connector_id)
    if connector is None or not _sees(call.person, connector):
        raise RefusedError(404, "No such connector")
    return connector


def _sees(person: Person, connector: Connector) -> bool:
    body = connector.body
    return body["user_id"] == person.user_id or (bool(body["share_with_org"]) and body["org_id"] == person.org_id)


def _own(call: Call) -> Connector:
    """The connector, for its owner; others must not even learn from a refusal that it exists."""
    connector = _visible(call)
    if connector.body["user_id"] != call.person.user_id:
        raise RefusedError(404, "No such connector")
    return connector


def list_connectors(call: Call) -> Answer:
    """Everything the key sees, archived connectors included, in one answer."""
    return Answer(200, f'{{"results": [{", ".join(call.world.store.bodies(call.person))}]}}'.encode())


def create_connector(call: Call) -> Answer:
    """A new connector; its secrets have been looked at and are forgotten."""
    fields, trouble = check_create(parse_object(call.request.body))
    connector_id = str(uuid.uuid4())
    body: Json = {"connector_id": connector_id, "user_id": call.person.user_id, "org_id": call.person.org_id}
    body |= fields
    now = call.world.clock.now()
    body["created_at"] = body["updated_at"] = stamp(now)
    body["archived"] = False
    body["files_count"] = 0
    body["config"] = shown_config(connector_id, body["type"], body["config"])
    if body["type"] != "email":
        body |= dict.fromkeys(("last_sync_at", "last_sync_status", "last_sync_error_msg", "last_sync_count"))
    rng = random.Random(connector_id)  # noqa: S311 - no secret
    connector = Connector(body, stories.fill(trouble, now, rng))
    call.world.store.add([connector])
    call.world.life.begin(connector)
    return json_answer(200, body)


def shown_config(connector_id: str, kind: str, config: Json) -> Json:
    """A config as the API tells it: an email connector's holds its inbox address."""
    if kind != "email":
        return config
    email_hash = hashlib.sha256(connector_id.encode()).hexdigest()[:12]
    return config | {"email_hash": email_hash, "email": f"{email_hash}@bigdata.com"}


def get_connector(call: Call) -> Answer:
    """One connector."""
    return json_answer(200, _visible(call).body)


def update_connector(call: Call) -> Answer:
    """A full replacement of label, description, share_with_org and, for email, allowed_emails."""
    connector = _own(call)
    fields = check_update(connector.body["type"], parse_object(call.request.body))
    if "allowed_emails" in fields:
        connector.body["config"] = connector.body["config"] | {"allowed_emails": fields.pop("allowed_emails")}
    connector.body |= fields
    return _changed(call, connector)


def delete_connector(call: Call) -> Answer:
    """Archive, or with force_delete=true start the deletion for good."""
    connector = _own(call)
    if _force_delete(call.request.query):
        call.world.life.ask_delete(connector)
        return json_answer(200, connector.body)
    if connector.body["archived"]:
        return json_answer(200, connector.body)
    connector.body["archived"] = True
    call.world.life.archive(connector)
    return _changed(call, connector)


def _force_delete(query: str) -> bool:
    parameters = parse_qs(query, keep_blank_values=True)
    given = parameters.pop("force_delete", ["false"])
    if parameters:
        raise FieldsRefusedError({("query", name): UNKNOWN_PARAMETER for name in parameters})
    if given not in (["true"], ["false"]):
        raise FieldsRefusedError({("query", "force_delete"): "must be true or false"})
    return given == ["true"]


def _changed(call: Call, connector: Connector) -> Answer:
    connector.body["updated_at"] = stamp(call.world.clock.now())
    call.world.store.save(connector)
    return json_answer(200, connector.body)


def trigger_sync(call: Call) -> Answer:
    """Queue a sync; a connector that is archived or being deleted takes in nothing."""
    connector = _own(call)
    date_limit = check_sync(connector.body["type"], parse_object(call.request.body))
    if connector.body["archived"] or call.world.life.is_deleting(connector):
        raise RefusedError(400, "A connector that is archived or being deleted cannot be synced")
    call.world.life.ask_sync(connector)
    accepted = {"connector_id": connector.id, "status": "accepted"}
    return json_answer(200, accepted | ({"date_limit": date_limit} if date_limit else {}))


def list_documents(call: Call) -> Answer:
    """One page of the documents that the key sees."""
    query = parse_query(call.request.query)
    return json_answer(200, {"results": find_documents(call.world.store, call.person, query)})


OPERATIONS: dict[str, Callable[[Call], Answer]] = {
    "listConnectors": list_connectors,
    "createConnector": create_connector,
    "getConnector": get_connector,
    "updateConnector": update_connector,
    "deleteConnector": delete_connector,
    "triggerSync": trigger_sync,
    "listDocuments": list_documents,
}
