"""The requests session that calls go out on: no key, no cookies, no redirects, no retries of its own."""

from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase

from connectors_app.http.deadline import DeadlineAdapter
from connectors_app.http.session import BareSession

from .secret import Secret


class KeyHeader(AuthBase):
    """Adds the API key to one request, so that no session ever holds it and ~/.netrc has no say."""

    def __init__(self, key: Secret) -> None:
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the X-API-KEY header; called by requests."""
        request.headers["X-API-KEY"] = self._key.reveal()
        return request


def new_session(base_url: str, user_agent: str, connections: int) -> BareSession:
    """Return a session that keeps up to `connections` alive.

    The environment's proxy and CA bundle are read here, once.
    """
    session = BareSession(user_agent, base_url)
    session.headers.update({"Accept": "application/json", "Accept-Encoding": "gzip"})
    for prefix in ("http://", "https://"):
        session.mount(prefix, DeadlineAdapter(pool_maxsize=connections, max_retries=0))
    return session


def checked_base_url(base_url: str) -> str:
    """Return `base_url` without trailing slashes. ValueError if it is not plain http(s)://host[:port][/path]."""
    parts = urlsplit(base_url.strip())
    plain = not (parts.query or parts.fragment or "@" in parts.netloc)
    if parts.scheme not in {"http", "https"} or not parts.hostname or not plain:
        raise ValueError("the base URL must be http(s)://host[:port], without user, query or fragment")
    return base_url.strip().rstrip("/")
