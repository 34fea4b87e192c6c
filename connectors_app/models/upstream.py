"""What all processes must agree on about Bigdata.com: how much may be asked, and whether it answers."""

from django.db import models


class Allowance(models.Model):
    """How much of a rate limit is used up: a leaky bucket, in one number.

    `spent_to` is the moment (seconds since 1970) up to which all that was allowed so far is spent.
    """

    key = models.CharField(primary_key=True, max_length=80)
    spent_to = models.FloatField(default=0)

    def __str__(self) -> str:
        return f"allowance {self.key}"


class Upstream(models.Model):
    """The one row about Bigdata.com as the worker finds it. `failures`: polls in a row without an answer."""

    THE_ONE = 1

    failures = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True, blank=True)
    next_probe_at = models.DateTimeField(null=True, blank=True, help_text="Set while nothing else is asked.")
    ticked_at = models.DateTimeField(null=True, blank=True, help_text="When a worker last looked for what is due.")

    def __str__(self) -> str:
        return "Bigdata.com"
