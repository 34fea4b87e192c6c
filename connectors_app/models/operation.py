"""Operations: changes that somebody asked of Bigdata.com."""

import uuid

from django.db import models
from django.utils import timezone

from connectors_app.choices import OperationKind, Outcome
from connectors_app.models.connector import Connector
from connectors_app.models.organization import Member, Organization


class Operation(models.Model):
    """One change, recorded before it is sent and finished after. Its id travels in the form.

    `request` holds what was asked for, without secrets: enough to fill the form again and to
    recognise a connector whose creation got no answer.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="operations")
    actor = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="operations")
    key_owner = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="operations_with_key")
    kind = models.CharField(max_length=20, choices=OperationKind.choices)
    connector = models.ForeignKey(
        Connector, on_delete=models.SET_NULL, null=True, blank=True, related_name="operations"
    )
    connector_type = models.TextField()
    request = models.JSONField(default=dict)
    outcome = models.CharField(max_length=20, choices=Outcome.choices, default=Outcome.PENDING)
    message = models.TextField(blank=True, default="")
    field_errors = models.JSONField(default=dict)
    error_code = models.CharField(max_length=50, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    looks = models.PositiveSmallIntegerField(default=0, help_text="Lists looked through for a lost create.")
    candidates = models.ManyToManyField(Connector, related_name="candidate_for", blank=True)

    class Meta:
        indexes = (
            models.Index(fields=["organization", "outcome", "kind"], name="operation_outcome"),
            models.Index(fields=["connector", "-created_at"], name="operation_newest"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.id} ({self.outcome})"

    @property
    def is_settled(self) -> bool:
        return self.outcome in {Outcome.SUCCEEDED, Outcome.FAILED}

    @property
    def label(self) -> str:
        return str(self.request.get("label", ""))
