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
    `count_at_most` nothing beyond is counted or shown, and `is_more` says so.
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
        if self._count_at_most:
            number = self._queryset.order_by().values("pk")[: self._count_at_most + 1].count()
            self.is_more = number > self._count_at_most
            return min(number, self._count_at_most)
        memory, key = caches["memory"], sha256(self._remember_as.encode()).hexdigest()
        remembered: int | None = memory.get(key) if self._remember_as else None
        number = self._queryset.count() if remembered is None else remembered
        if self._remember_as and remembered is None and number >= _LONG:
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
