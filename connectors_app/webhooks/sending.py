"""Sending one HTTP POST to an address that somebody typed."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from http.client import HTTPException

from requests_hardened.ip_filter import InvalidIPAddress
from urllib3.exceptions import HTTPError

from connectors_app.http.deadline import Deadline, DeadlineAdapter, attempting
from connectors_app.http.session import BareSession

from .errors import Refused, Undelivered
from .outcomes import undelivered_by_answer, undelivered_by_trouble
from .pinning import PinnedAdapter
from .urls import leads_to_ours

MAX_ANSWER_BYTES = 64 * 1024
USER_AGENT = "connectors-dashboard"

_TROUBLE = (HTTPError, HTTPException, OSError, ValueError)  # those of requests are OSErrors


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    allowed_hosts: Collection[str] = (),
    deadline: float = 5.0,
) -> None:
    """Send `body` to `url` and return when a 2xx answer says that it arrived. Once; retrying is the caller's.

    Raises Refused if `url` leads to none that may be sent to: public hosts over https, and `allowed_hosts` (see
    `leads_to_ours`). Raises Undelivered for any other answer than 2xx, and for none within `deadline` seconds;
    only the name lookup keeps its own time, the system's. Certificates are verified, by the environment's CA
    bundle if it names one.

    Nothing else of the environment counts: no netrc, and no proxy, since a proxy would look the name up anew and
    connect to whatever it finds. No redirect is followed, and nothing of the answer but its status and Retry-After
    is looked at.
    """
    adapter = DeadlineAdapter() if leads_to_ours(url, allowed_hosts) else PinnedAdapter()
    outcome = _try(adapter, url, body, headers, deadline)
    if outcome is not None:
        raise outcome


def _try(
    adapter: DeadlineAdapter, url: str, body: bytes, headers: Mapping[str, str], seconds: float
) -> Refused | Undelivered | None:
    """Return what went wrong. Not raised here: the error would keep the request, whose address may be a secret."""
    with BareSession(USER_AGENT, url, direct=True) as session, attempting(Deadline(seconds)):
        for prefix in ("http://", "https://"):
            session.mount(prefix, adapter)
        try:
            return _exchange(session, url, body, headers, seconds)
        except Refused as refused:
            return Refused(*refused.args)
        except InvalidIPAddress:
            return Refused("The address is inside a private network")
        except _TROUBLE as error:
            return undelivered_by_trouble(error, seconds)


def _exchange(
    session: BareSession, url: str, body: bytes, headers: Mapping[str, str], seconds: float
) -> Undelivered | None:
    with session.post(
        url, data=body, headers=dict(headers), timeout=seconds, allow_redirects=False, stream=True
    ) as answer:
        with suppress(*_TROUBLE):  # its status counts, however its body ends
            answer.raw.read(MAX_ANSWER_BYTES, decode_content=False)
        return undelivered_by_answer(answer.status_code, answer.headers.get("Retry-After"))
