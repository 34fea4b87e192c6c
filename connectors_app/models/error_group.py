"""Error groups: sync errors of one organization that have the same cause."""

import re
import uuid
from datetime import datetime

from django.db import models

from connectors_app.choices import Cause
from connectors_app.models.organization import Member, Organization

_TAKEN_OUT = re.compile(r"<(address|date|host|id|n|time)>")


def without_placeholders(message: str) -> str:
    """A normalised message as people read it: "…" for whatever was taken out."""
    return _TAKEN_OUT.sub("…", message)


class ErrorGroup(models.Model):
    """One message, with ids, dates, numbers, addresses and hosts taken out, and the cause it tells of."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="error_groups")
    fingerprint = models.CharField(max_length=64, editable=False, help_text="SHA-256 of cause and message.")
    cause = models.CharField(max_length=30, choices=Cause.choices)
    message = models.TextField(help_text="Normalised.")
    # These two are of all connectors, whoever looks: nothing reads them any more, and the next version drops them.
    example = models.TextField(help_text="The latest message, as it came.")
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    snoozed_until = models.DateTimeField(null=True, blank=True)
    snooze_reason = models.CharField(max_length=200, blank=True, default="")
    snoozed_by = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["organization", "fingerprint"], name="error_group_identity"),
        )
        indexes = (models.Index(fields=["organization", "-last_seen_at"], name="error_group_newest"),)

    def __str__(self) -> str:
        return without_placeholders(self.message)[:80]

    def get_cause(self) -> Cause:
        return Cause(self.cause)

    def is_snoozed(self, *, now: datetime) -> bool:
        return self.snoozed_until is not None and self.snoozed_until > now
