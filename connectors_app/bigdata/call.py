"""A request to upstream and its answer, as plain values."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .secret import Secret


@dataclass(frozen=True, slots=True)
class Call:
    """One request: `route` is the path template for the log, `path` what is asked for.

    Only a GET is ever sent twice. `payload` is the JSON body, in which secrets are still Secrets.
    """

    method: str
    route: str
    path: str
    api_key: Secret
    query: tuple[tuple[str, str], ...] = ()
    payload: Mapping[str, Any] | None = None

    @property
    def repeatable(self) -> bool:
        """Return whether sending it twice is harmless."""
        return self.method == "GET"

    def body(self) -> bytes | None:
        """Return the bytes to send, secrets in plain: for the socket only."""
        if self.payload is None:
            return None
        return json.dumps(self.payload, default=_reveal).encode("ascii")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whatever its status. `headers` ignore case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def ok(self) -> bool:
        """Return whether the status is 2xx; the reference does not say which 2xx means success."""
        return 200 <= self.status < 300

    @property
    def from_sandbox(self) -> bool:
        """Return whether a sandbox answered, not Bigdata.com."""
        return self.headers.get("X-Sandbox", "").strip().lower() == "true"


def _reveal(value: object) -> str:
    """Return a Secret's text. TypeError for anything else that is not JSON."""
    if isinstance(value, Secret):
        return value.reveal()
    raise TypeError(f"{type(value).__name__} is not JSON")
