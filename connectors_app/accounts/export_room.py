"""How many exports may be under way at once. Each holds a thread of its process until its last row is sent."""

import secrets
import threading
from contextlib import ExitStack, suppress

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError
from django.http import HttpRequest
from redis.exceptions import RedisError

from connectors_app.accounts.member_limits import TooOften, too_often

# After so long a place is free again, should a process have died that held it. Seconds.
_LEASE = 15 * 60
_TRY_AGAIN = 60


class _Process:
    """How many this process is sending."""

    def __init__(self) -> None:
        self.sending = 0
        self._lock = threading.Lock()

    def begin(self) -> bool:
        with self._lock:
            has_room = self.sending < settings.EXPORTS_PER_PROCESS
            self.sending += has_room
        return has_room

    def end(self) -> None:
        with self._lock:
            self.sending -= 1


process = _Process()


def room_for_export(request: HttpRequest) -> ExitStack:
    """Room for one more, to be closed when it is sent. Raises TooOften where member or process have none."""
    with ExitStack() as room:
        if process.begin():
            room.callback(process.end)
            if _take_place(room, f"export_of_member_{request.user.pk}"):
                return room.pop_all()
    raise too_often(request, TooOften("export", _TRY_AGAIN))


def _take_place(room: ExitStack, whose: str) -> bool:
    """One of the member's few places, in all processes together."""
    token = secrets.token_hex(8)
    for number in range(settings.EXPORTS_PER_MEMBER):
        place = f"{whose}:{number}"
        if cache.add(place, token, _LEASE):
            room.callback(_give_back, place, token)
            return True
    return False


def _give_back(place: str, token: str) -> None:
    with suppress(RedisError, DatabaseError):  # Then it is free after its time.
        if cache.get(place) == token:
            cache.delete(place)
