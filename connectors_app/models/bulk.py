"""Bulk work: one change asked for many connectors at once, done in the background."""

import uuid

from django.db import models
from django.utils import timezone

from connectors_app.choices import BulkAction, Outcome
from connectors_app.models.connector import Connector
from connectors_app.models.operation import Operation
from connectors_app.models.organization import Member, Organization


class Bulk(models.Model):
    """What was asked for, by whom. Its items say how far it is."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="bulks")
    actor = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="bulks")
    action = models.CharField(max_length=20, choices=BulkAction.choices)
    parameters = models.JSONField(default=dict, help_text="date_limit or sender; never a secret")
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (models.Index(fields=["organization", "-created_at"], name="bulk_newest"),)

    def __str__(self) -> str:
        return f"{self.action} {self.id}"


class BulkItem(models.Model):
    """One connector of a bulk. The item's id is its operation's id, so that nothing is sent twice."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    bulk = models.ForeignKey(Bulk, on_delete=models.CASCADE, related_name="items")
    connector = models.ForeignKey(Connector, on_delete=models.CASCADE, related_name="bulk_items")
    outcome = models.CharField(max_length=20, choices=Outcome.choices, default=Outcome.PENDING)
    message = models.TextField(blank=True, default="")
    operation = models.ForeignKey(Operation, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["bulk", "connector"], name="bulk_item_once"),)
        indexes = (models.Index(fields=["bulk", "outcome"], name="bulk_item_outcome"),)

    def __str__(self) -> str:
        return f"{self.bulk_id}: {self.connector_id} {self.outcome}"
