"""What can go wrong in a call to Bigdata.com, and the one table from status to error.

The reference documents 400, 401, 404 and 429 (docs/bigdata-api.openapi.yaml); everything else is mapped
so that no answer is left without a class, a plain message and a next step.
"""

from collections.abc import Mapping

MAX_RETRY_AFTER = 3600.0
MAX_UPSTREAM_MESSAGE = 500


class BigdataError(Exception):
    """A call that did not bring what was asked for. None of its attributes ever holds a secret.

    status: HTTP status, None when no answer arrived.
    message: for people: what happened, what it means, the next step.
    upstream_message: the useful text of the error body, one line of at most 500 characters; '' if none.
    code: short slug for storage.
    retry_can_help: the same call may work later without anybody changing anything.
    may_have_happened: of a change: upstream could have carried it out, so it must not be sent again blindly.
    """

    code: str = "failed"
    retry_can_help: bool = False
    may_have_happened: bool = False
    default_message: str = "Bigdata.com could not do what was asked."

    def __init__(self, message: str = "", *, status: int | None = None, upstream_message: str = "") -> None:
        self.message = message or self.default_message
        self.status = status
        self.upstream_message = upstream_message[:MAX_UPSTREAM_MESSAGE]
        super().__init__(self.message)


class Unreachable(BigdataError):
    """No connection (name, refusal, connect timeout, TLS, proxy): the request was never sent."""

    code = "unreachable"
    retry_can_help = True
    default_message = (
        "Bigdata.com could not be reached, so nothing was sent. Try again in a minute; if it lasts, ask the"
        " person who runs this dashboard to check its network."
    )


class Busy(BigdataError):
    """No slot of our own concurrency limit was free in time: nothing was sent."""

    code = "busy"
    retry_can_help = True
    default_message = "The dashboard is busy talking to Bigdata.com, so nothing was sent. Try again in a moment."


class TimedOut(BigdataError):
    """The request was sent and no complete answer arrived in time."""

    code = "timed_out"
    retry_can_help = True
    may_have_happened = True
    default_message = (
        "Bigdata.com did not answer in time. If you asked for a change, it may have been carried out all the"
        " same: look at the connector before you ask again."
    )


class ConnectionLost(BigdataError):
    """The connection broke after the request was sent, or while it was."""

    code = "connection_lost"
    retry_can_help = True
    may_have_happened = True
    default_message = (
        "The connection to Bigdata.com broke before the answer arrived. If you asked for a change, it may"
        " have been carried out all the same: look at the connector before you ask again."
    )


class RateLimited(BigdataError):
    """429. `retry_after`: seconds that upstream asks to wait, 0 to 3600; None when it does not say."""

    code = "rate_limited"
    retry_can_help = True
    default_message = "Bigdata.com takes no more requests just now: nothing was changed. Try again in a minute."

    def __init__(
        self,
        message: str = "",
        *,
        status: int | None = 429,
        upstream_message: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, status=status, upstream_message=upstream_message)
        self.retry_after = None if retry_after is None else min(max(retry_after, 0.0), MAX_RETRY_AFTER)


class KeyRejected(BigdataError):
    """401, or 403 for a route that exists: the API key is missing, wrong, or may not do this."""

    code = "key_rejected"
    default_message = (
        "Bigdata.com did not accept the API key, so nothing was changed. Check the key, or store a new one on"
        " the API keys page."
    )


class NotFound(BigdataError):
    """404: no such connector, or the key's user has no access to it."""

    code = "not_found"
    default_message = (
        "Bigdata.com shows no such connector to this API key. It was deleted, or only its owner can see or"
        " change it: ask the owner, or reload the list."
    )


class NoSuchRoute(BigdataError):
    """The gateway knows no such path ("Missing Authentication Token"): a wrong base URL, not a bad key."""

    code = "no_such_route"
    default_message = (
        "The address set for Bigdata.com has no connectors API, so nothing was changed. Your API key is not"
        " the problem: ask the person who runs this dashboard to check BIGDATA_API_BASE_URL."
    )


class Refused(BigdataError):
    """400, 413, 422 and other 4xx: upstream did not take the values.

    `fields` maps the API's field names (see `problems.FIELDS`) to a message, where that can be told.
    """

    code = "refused"
    default_message = "Bigdata.com refused the values, so nothing was changed. Correct them and send again."

    def __init__(
        self,
        message: str = "",
        *,
        status: int | None = None,
        upstream_message: str = "",
        fields: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message, status=status, upstream_message=upstream_message)
        self.fields = dict(fields or {})


class UpstreamFailed(BigdataError):
    """5xx: upstream or its gateway failed; it may have done the work before it did."""

    code = "upstream_failed"
    retry_can_help = True
    may_have_happened = True
    default_message = (
        "Bigdata.com had a failure of its own. If you asked for a change, it may have been carried out all"
        " the same: look at the connector before you ask again."
    )


class UnexpectedAnswer(BigdataError):
    """A redirect, a body over the cap, or a 2xx without the JSON that the reference promises."""

    code = "unexpected_answer"
    retry_can_help = True
    may_have_happened = True
    default_message = (
        "Bigdata.com answered with something this dashboard does not understand, so the answer was not used."
        " Try again later; if it lasts, tell the person who runs this dashboard."
    )


# The one table: the first range that holds the status decides.
BY_STATUS: tuple[tuple[range, type[BigdataError]], ...] = (
    (range(401, 402), KeyRejected),
    (range(403, 404), KeyRejected),
    (range(404, 405), NotFound),
    (range(429, 430), RateLimited),
    (range(400, 500), Refused),
    (range(500, 600), UpstreamFailed),
)


def error_class(status: int) -> type[BigdataError]:
    """Return the error for a status that is not 2xx; redirects and unheard-of ones are UnexpectedAnswer."""
    return next((error for statuses, error in BY_STATUS if status in statuses), UnexpectedAnswer)


def redirected(status: int) -> UnexpectedAnswer:
    """Return the error for a redirect. It is never followed: the API key would go with it."""
    error = UnexpectedAnswer(
        "The address set for Bigdata.com points elsewhere (a redirect). It was not followed, so that the API"
        " key stays here: ask the person who runs this dashboard to check BIGDATA_API_BASE_URL.",
        status=status,
    )
    error.retry_can_help = False
    return error
