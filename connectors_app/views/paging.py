"""Pages of a list that may be very long."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet


class LongPaginator(Paginator):  # type: ignore[type-arg]  # generic in the stubs alone
    """Pages in the second half are read from the list's end: the last costs no more than the first.

    Databases walk over every row that a page skips.
    """

    def __init__(self, queryset: QuerySet[Any], per_page: int) -> None:
        """The order of `queryset` has to be total."""
        super().__init__(queryset, per_page)
        self._queryset = queryset

    def page(self, number: int | str) -> "Page[Any]":
        number = self.validate_number(number)
        first = (number - 1) * self.per_page
        end = min(first + self.per_page, self.count)
        if first <= self.count - end:
            return Page(list(self._queryset[first:end]), number, self)
        from_end = self._queryset.reverse()[self.count - end : self.count - first]
        return Page(list(from_end)[::-1], number, self)
