"""A value that must be sent upstream and shown nowhere."""

import hmac
import weakref
from typing import NoReturn

SHOWN = "<secret>"

_in_hand: dict[int, "weakref.ref[Secret]"] = {}


def secrets_in_hand() -> list["Secret"]:
    """Return every Secret that this process holds just now: what its logs must not show."""
    return [secret for each in _in_hand.copy().values() if (secret := each()) is not None]


class Secret:
    """An API key, broker password or session id that no repr, message, log or copy gives away.

    Only `reveal()` returns the text. A Secret cannot be pickled, copied or turned into JSON, so that it
    cannot reach a session, a cache or a task queue by accident.
    """

    __slots__ = ("__weakref__", "_value")
    __hash__ = None  # type: ignore[assignment]  # a hash could be compared against guesses

    def __init__(self, value: str) -> None:
        """Keep `value`. TypeError (without the value in it) if it is not text."""
        if not isinstance(value, str):
            raise TypeError("a secret is text")
        self._value = value
        me = id(self)
        _in_hand[me] = weakref.ref(self, lambda _: _in_hand.pop(me, None))

    def reveal(self) -> str:
        """Return the text itself. Call this only where it is sent or encrypted."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(_as_bytes(self._value), _as_bytes(other._value))

    def __repr__(self) -> str:
        return SHOWN

    def __str__(self) -> str:
        return SHOWN

    def __format__(self, spec: str) -> str:
        return SHOWN

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a secret is neither copied nor pickled")

    def __getstate__(self) -> NoReturn:
        raise TypeError("a secret has no state to hand out")


def _as_bytes(text: str) -> bytes:
    """Return `text` as bytes; lone surrogates, which strict UTF-8 refuses, included."""
    return text.encode("utf-8", "surrogatepass")
