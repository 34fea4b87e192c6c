"""Counting no further than somebody needs to know."""

from django.db.models import IntegerField, Subquery


class CountUpTo(Subquery):
    """How many rows the (sliced) query has, as a value of another query."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) capped)"
    output_field = IntegerField()
