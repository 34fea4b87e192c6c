"""How often a member may ask for what is expensive. Counted in the shared cache, so for all processes together."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from allauth.core.internal import ratelimit
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from connectors_app.accounts.limits import APP, in_words, seconds_left

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

    @property
    def message(self) -> str:
        again = f"You can {_WORDS[self.what]} again in {in_words(self.seconds)}."
        return f"That was often enough for now, so nothing was done. {again}"


def too_often(request: HttpRequest, what: str, seconds: int) -> TooOften:
    """To be raised; the answer, whichever it is, will be a 429."""
    request.retry_after = seconds  # type: ignore[attr-defined]  # (for SignInMiddleware)
    return TooOften(what, seconds)


def count(request: HttpRequest, what: str) -> None:
    """Count one more. Raises TooOften where that is one too many."""
    rate = f"{settings.MEMBER_LIMITS[what]}/key"
    rule: dict[str, Any] = {"action": what, "key": f"member {request.user.pk}"}
    if ratelimit.consume(request, app=APP, config={what: rate}, limit_get=True, **rule) is None:
        raise too_often(request, what, seconds_left(request, rate=rate, **rule))


def limited(what: str) -> Callable[[View], View]:
    """A view that counts each request, and answers with the page that says when to try again."""

    def decorate(view: View) -> View:
        @wraps(view)
        def counted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            count(request, what)
            return view(request, *args, **kwargs)

        return counted

    return decorate
