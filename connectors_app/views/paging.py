"""Pages of a list that may be very long."""

from functools import cached_property
from hashlib import sha256
from typing import Any

from django.core.cache import caches
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

_LONG = 10_000
_REMEMBERED_SECONDS = 30


class LongPaginator(Paginator):  # type: ignore[type-arg]  # generic in the stubs alone
    """Pages in the second half are read from the list's end: the last costs no more than the first.

    Databases walk over every row that a page skips, and over every row that they count. So the number of a long
    list is remembered for half a minute by this process, under `remember_as`, where that is given. With
    `count_at_most` nothing beyond is counted or shown, `is_more` says so, and that there is more is remembered.
    """

    is_more = False

    def __init__(
        self, queryset: QuerySet[Any], per_page: int, *, remember_as: str = "", count_at_most: int = 0
    ) -> None:
        """The order of `queryset` has to be total."""
        super().__init__(queryset, per_page)
        self._queryset, self._remember_as, self._count_at_most = queryset, remember_as, count_at_most

    @cached_property
    def count(self) -> int:
        counted = self._queryset.order_by().values("pk")
        if not self._count_at_most:
            return self._remembered(counted, from_number=_LONG)
        beyond = self._count_at_most + 1
        number = self._remembered(counted[:beyond], from_number=beyond)
        self.is_more = number == beyond
        return min(number, self._count_at_most)

    def _remembered(self, counted: QuerySet[Any], *, from_number: int) -> int:
        """The number, which is remembered if it is at least that."""
        if not self._remember_as:
            return counted.count()
        memory, key = caches["memory"], sha256(self._remember_as.encode()).hexdigest()
        number: int | None = memory.get(key)
        if number is None:
            number = counted.count()
            if number >= from_number:
                memory.set(key, number, _REMEMBERED_SECONDS)
        return number

    def page(self, number: int | str) -> "Page[Any]":
        number = self.validate_number(number)
        first = (number - 1) * self.per_page
        end = min(first + self.per_page, self.count)
        if first <= self.count - end or self.is_more:
            return Page(list(self._queryset[first:end]), number, self)
        from_end = self._queryset.reverse()[self.count - end : self.count - first]
        return Page(list(from_end)[::-1], number, self)
