"""The cache in the database, in which attempts are counted."""

from collections.abc import Callable
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import DatabaseCache
from django.db import OperationalError


class CountingCache(DatabaseCache):
    """Django's own drops what it cannot store and says nothing: then no attempt would be counted any more."""

    _base_set: Callable[..., bool]  # Django's stubs do not know it.

    def set(
        self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        name = self.make_and_validate_key(key, version=version)
        # Twice: of two processes that put in the same new key at once, one fails where it could have changed it.
        if not (self._base_set("set", name, value, timeout) or self._base_set("set", name, value, timeout)):
            raise OperationalError("The cache in the database could not be written.")
