"""How often a password may be guessed. Counted in the shared cache, so for all processes together.

A stranger's guesses must not keep the owner out. So what is tried from a browser in which the member has signed
in before counts for that browser alone, whatever others do to the account or from the same address.
"""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from allauth.core.internal import ratelimit
from allauth.core.internal.ratelimit import RateLimitUsage
from django.core.cache import cache
from django.http import HttpRequest

APP = "connectors_app"


class Bound(NamedTuple):
    """So many failures in so long, in allauth's words; `subject` is what they are counted for."""

    subject: str
    rate: str


PER_DEVICE = Bound("this browser", "10/5m/key")
PER_ADDRESS = Bound("this network address", "20/5m/key")
PER_LOGIN_AND_ADDRESS = Bound("this account", "5/5m/key")
# Over all addresses. Past it, only browsers that the member has used before get to try.
PER_LOGIN = Bound("this account from unknown browsers", "100/h/key")


@dataclass(frozen=True)
class TooManyAttempts(Exception):
    """Wait `seconds`; `message` says so to people."""

    bound: Bound
    key: str
    seconds: int

    @property
    def message(self) -> str:
        return f"Too many failed attempts for {self.bound.subject}. Wait {in_words(self.seconds)}, then try again."


class CannotCount(Exception):
    """What cannot be counted is not tried."""


def begin_attempt(request: HttpRequest, *, login: str, device: str | None) -> RateLimitUsage:
    """Count an attempt before it is made; roll what is returned back if it succeeds. Raises TooManyAttempts,
    and CannotCount while the counts cannot be written.
    """
    taken = RateLimitUsage(usage=[])
    for bound, key in _bounds_of(request, login.strip().lower(), device):
        usage = ratelimit.consume(
            request, app=APP, action="sign_in", config={"sign_in": bound.rate}, key=key, limit_get=True
        )
        if usage is None:
            taken.rollback()
            seconds = seconds_left(request, action="sign_in", rate=bound.rate, key=key)
            raise TooManyAttempts(bound, key, seconds)
        taken.usage += usage.usage
    return taken


def in_words(seconds: int) -> str:
    minutes = math.ceil(seconds / 60)
    return "a minute" if minutes == 1 else f"{minutes} minutes"


def seconds_left(request: HttpRequest, *, action: str, rate: str, key: str) -> int:
    """Until the oldest of what was counted no longer counts. Raises CannotCount."""
    [parsed] = ratelimit.parse_rates(rate)
    history = cache.get(ratelimit.get_cache_key(request, app=APP, action=action, rate=parsed, key=key)) or []
    if len(history) < parsed.amount:
        raise CannotCount  # allauth refused because it could not get hold of the count.
    seconds: int = math.ceil(history[-1] + parsed.duration - time.time())
    return max(1, seconds)


def _bounds_of(request: HttpRequest, login: str, device: str | None) -> Iterator[tuple[Bound, str]]:
    if device:
        yield PER_DEVICE, f"device {device}"
        return
    address = ratelimit.get_ip(request)
    yield PER_ADDRESS, f"address {address}"
    yield PER_LOGIN_AND_ADDRESS, f"login {login} from {address}"
    yield PER_LOGIN, f"login {login}"
