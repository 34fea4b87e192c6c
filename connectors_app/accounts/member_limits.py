"""How often a member may ask for what is expensive. Counted in the shared cache, so for all processes together."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from allauth.core.internal import ratelimit
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from redis.exceptions import RedisError

from connectors_app.accounts.limits import APP, in_words, seconds_left

logger = logging.getLogger(__name__)
View = Callable[..., HttpResponseBase]

# What is limited, in words that go on "You can …". How often: MEMBER_LIMITS.
_WORDS = {
    "bundle": "make a support bundle",
    "documents": "look at documents",
    "export": "export a list",
    "key": "have a key checked",
    "poll": "ask Bigdata.com for everything",
    "refresh": "ask Bigdata.com anew",
    "search": "search the trail",
    "test": "send a test",
}


@dataclass(frozen=True)
class TooOften(Exception):
    """The member has done `what` as often as they may; `message` says when they can again, for people."""

    what: str
    seconds: int
    reason: str = "That was often enough for now"

    @property
    def message(self) -> str:
        again = f"You can {_WORDS[self.what]} again in {in_words(self.seconds)}."
        return f"{self.reason}, so nothing was done. {again}"


def too_often(request: HttpRequest, refusal: TooOften) -> TooOften:
    """To be raised; the answer, whichever it is, will be a 429."""
    request.retry_after = refusal.seconds  # type: ignore[attr-defined]  # (for SignInMiddleware)
    return refusal


def count(request: HttpRequest, what: str) -> None:
    """Count one more. Raises TooOften where that is one too many."""
    rate = f"{settings.MEMBER_LIMITS[what]}/key"
    rule: dict[str, Any] = {"action": what, "key": f"member {request.user.pk}"}
    try:
        usage = ratelimit.consume(request, app=APP, config={what: rate}, limit_get=True, **rule)
    except RedisError as error:
        logger.error("Requests cannot be counted: %s", error)  # noqa: TRY400  (its trace tells nothing more)
        raise too_often(request, TooOften(what, 60, "How often cannot be counted right now")) from None
    if usage is None:
        raise too_often(request, TooOften(what, seconds_left(request, rate=rate, **rule)))


def limited(what: str) -> Callable[[View], View]:
    """A view that counts each request, and answers with the page that says when to try again."""

    def decorate(view: View) -> View:
        @wraps(view)
        def counted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            count(request, what)
            return view(request, *args, **kwargs)

        return counted

    return decorate
