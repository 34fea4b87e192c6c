"""The contract's operations by name, method and path, and which of them a request means."""

import re
from dataclasses import dataclass
from urllib.parse import unquote

from connectors_app.sandbox.answers import RefusedError

PREFIX = "/contents/v1"
_ONE = f"{PREFIX}/connectors/{{connector_id}}"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the contract: its operationId, method and path template."""

    name: str
    method: str
    template: str


OPERATIONS = (
    Operation("listConnectors", "GET", f"{PREFIX}/connectors"),
    Operation("createConnector", "POST", f"{PREFIX}/connectors"),
    Operation("getConnector", "GET", _ONE),
    Operation("updateConnector", "PUT", _ONE),
    Operation("deleteConnector", "DELETE", _ONE),
    Operation("triggerSync", "POST", f"{_ONE}/sync"),
    Operation("listDocuments", "GET", f"{PREFIX}/documents"),
)


def path_pattern(template: str) -> re.Pattern[str]:
    """A path template as a pattern: `{name}` stands for one segment, `*` for anything."""
    parts = re.split(r"(\{[^}]*\}|\*)", template)
    text = "".join("([^/]+)" if p.startswith("{") else ".*" if p == "*" else re.escape(p) for p in parts)
    return re.compile(text, re.IGNORECASE)


_PATTERNS = {operation.template: path_pattern(operation.template) for operation in OPERATIONS}


def resolve(method: str, path: str) -> tuple[Operation, str]:
    """The operation and the connector id, as it was sent ('' when the path has none).

    Refuses an unknown path like the gateway in front of the real API (403, "Missing Authentication Token")
    and a wrong method on a known path with 405.
    """
    template, match = _template_of(path)
    allowed = [operation for operation in OPERATIONS if operation.template == template]
    for operation in allowed:
        if operation.method == method:
            return operation, unquote("".join(match.groups()))
    methods = ", ".join(operation.method for operation in allowed)
    raise RefusedError(405, "Method not allowed", ("Allow", methods))


def operation_name(method: str, path: str) -> str:
    """The operationId that a request means, '' for none."""
    try:
        return resolve(method, path)[0].name
    except RefusedError:
        return ""


def _template_of(path: str) -> tuple[str, re.Match[str]]:
    for template, pattern in _PATTERNS.items():
        if match := pattern.fullmatch(path):
            return template, match
    raise RefusedError(403, "Missing Authentication Token")
