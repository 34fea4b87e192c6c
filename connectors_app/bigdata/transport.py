"""The one way out to upstream: a bounded, timed, redirect-free HTTP exchange.

It knows nothing of connectors. A call goes in; an answer with any status, or an error that says whether the
call could have been carried out, comes out. No error refers to the request it came from, since that holds
the key and perhaps a password.
"""

import logging
import secrets
import time
import zlib
from collections.abc import Callable
from http.client import HTTPException
from itertools import count

import requests
from urllib3.exceptions import HTTPError

from connectors_app.http.body import BodyTooLarge, read_body, read_start
from connectors_app.http.deadline import Deadline, attempting
from connectors_app.http.session import BareSession

from .call import Answer, Call
from .errors import BigdataError, Busy, Refused, error_class
from .failures import failure_from
from .retry import pause_before_retry
from .session import KeyHeader, checked_base_url, new_session
from .throttle import ConcurrencyGate

logger = logging.getLogger("connectors_app.bigdata")

MAX_REQUEST_BYTES = 64 * 1024  # upstream refuses more, perhaps by cutting the connection
MAX_ERROR_BYTES = 64 * 1024
USER_AGENT = "connectors-dashboard"

_TROUBLE = (
    requests.RequestException,
    HTTPError,
    HTTPException,
    OSError,
    ValueError,  # what http.client and urllib3 say to malformed headers and lengths
    zlib.error,
    BodyTooLarge,
)


_RANDOM = secrets.SystemRandom().random


class Transport:
    """Connections to one base URL. Thread-safe; make one per process, after any fork.

    Reads share kept-alive connections. A change always gets a new connection of its own: one that has gone
    stale would break in the middle, and nobody could tell whether the change was carried out.
    """

    def __init__(
        self,
        base_url: str,
        *,
        connect_timeout: float = 3,
        read_timeout: float = 10,
        total_timeout: float = 20,
        max_concurrency: int = 4,
        max_body_bytes: int = 32 * 1024 * 1024,
        max_attempts: int = 3,
        user_agent: str = USER_AGENT,
        observe: Callable[[str, str, str, float], None] = lambda *_: None,
        sleep: Callable[[float], None] = time.sleep,
        random: Callable[[], float] = _RANDOM,
    ) -> None:
        """Prepare; nothing is sent yet. Times in seconds: per connect, per read, and for a whole call.

        `max_body_bytes` caps an unpacked answer, `max_attempts` the tries of a read, `max_concurrency` the
        calls under way at once. `observe` is told of each try: method, route, outcome ("ok", or an error's code)
        and seconds. ValueError for a base URL that is not plain http or https.
        """
        self.base_url = checked_base_url(base_url)
        self.total_timeout = total_timeout
        self.max_attempts = max_attempts
        self._timeouts = (connect_timeout, read_timeout)
        self._max_body_bytes = max_body_bytes
        self._user_agent = user_agent
        self._observe, self._sleep, self._random = observe, sleep, random
        self._gate = ConcurrencyGate(max_concurrency)
        self._shared = new_session(self.base_url, user_agent, max_concurrency)

    def send(self, call: Call, *, wait: float | None = None, attempts: int | None = None) -> Answer:
        """Send `call` and return the answer, whatever its status; raise what kept it from arriving.

        `wait`: seconds to wait for a free slot before Busy is raised (None: `total_timeout`; 0: not at all).
        `attempts`: tries of a read (None: `max_attempts`). The total time starts when the slot is free.
        """
        started = time.monotonic()
        try:
            with self._gate.slot(self.total_timeout if wait is None else wait):
                outcome = self._persist(call, (attempts or self.max_attempts) if call.repeatable else 1)
        except Busy:
            self._observe(call.method, call.route, Busy.code, time.monotonic() - started)
            raise
        if isinstance(outcome, BigdataError):
            raise outcome
        return outcome

    def is_full(self) -> bool:
        """Whether a call that will not wait for a slot would be turned away now."""
        return self._gate.is_full()

    def close(self) -> None:
        """Close the kept-alive connections."""
        self._shared.close()

    def _persist(self, call: Call, attempts: int) -> Answer | BigdataError:
        """Return the outcome of the last try that the rules and the time allow."""
        deadline = Deadline(self.total_timeout)
        for attempt in count(1):  # pragma: no branch - left by break only
            outcome = self._logged(call, deadline, attempt)
            pause = pause_before_retry(outcome, attempt, self._random)
            if attempt >= attempts or pause is None or pause >= deadline.remaining():
                break
            self._sleep(pause)
        return outcome

    def _logged(self, call: Call, deadline: Deadline, attempt: int) -> Answer | BigdataError:
        """Do one try, and leave one line about it: no ids, no query, no headers, no bodies."""
        started = time.monotonic()
        outcome = self._try(call, deadline)
        seconds = time.monotonic() - started
        result = outcome.code if isinstance(outcome, BigdataError) else outcome.status
        well = isinstance(outcome, Answer) and outcome.ok
        self._observe(call.method, call.route, "ok" if well else _code(outcome), seconds)
        level = logging.INFO if well else logging.WARNING
        logger.log(level, "%s %s %s %d ms attempt %d", call.method, call.route, result, seconds * 1000, attempt)
        return outcome

    def _try(self, call: Call, deadline: Deadline) -> Answer | BigdataError:
        """Do one try. Trouble is returned, not raised: a raised error would keep the request in its chain."""
        session = self._shared if call.repeatable else new_session(self.base_url, self._user_agent, 1)
        try:
            with attempting(deadline) as attempt:
                try:
                    return self._exchange(session, call)
                except _TROUBLE as error:
                    return failure_from(error, attempt.sent)
        finally:
            if session is not self._shared:
                session.close()

    def _exchange(self, session: BareSession, call: Call) -> Answer | Refused:
        body = call.body()
        if body is not None and len(body) > MAX_REQUEST_BYTES:
            return Refused("The values are too long for Bigdata.com: together at most 64 KiB. Nothing was sent.")
        with session.request(
            call.method,
            self.base_url + call.path,
            params=list(call.query),
            data=body,
            headers={"Content-Type": "application/json"} if body is not None else None,
            auth=KeyHeader(call.api_key),
            timeout=self._timeouts,
            allow_redirects=False,
            stream=True,
        ) as response:
            return self._answer(response)

    def _answer(self, response: requests.Response) -> Answer:
        """Return the answer with its body: capped if it is 2xx, cut if it is an error, left if a redirect."""
        status, headers = response.status_code, response.headers
        encoding = headers.get("Content-Encoding", "")
        if 200 <= status < 300:
            body = read_body(response.raw, encoding, self._max_body_bytes)
        elif status < 400:
            body = b""
        else:
            body = read_start(response.raw, encoding, MAX_ERROR_BYTES)
        return Answer(status, headers, body)


def _code(outcome: Answer | BigdataError) -> str:
    """Return the code of the error that it is, or stands for."""
    return outcome.code if isinstance(outcome, BigdataError) else error_class(outcome.status).code
