"""Incidents: a connector's or a key's unhealthy stretch, and what was to be told of it."""

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone

from connectors_app.choices import Cause, Ending, EventKind, IncidentKind
from connectors_app.models.connector import Connector
from connectors_app.models.error_group import ErrorGroup
from connectors_app.models.organization import Member, Organization


class IncidentQuerySet(models.QuerySet["Incident"]):
    def open(self) -> "IncidentQuerySet":
        return self.filter(closed_at=None)


class Incident(models.Model):
    """Of a connector, or (`member`) of that member's key. One is open at a time; what it is about may change.

    `announced` is what people were last told: a kind, "closed", or nothing yet.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="incidents")
    connector = models.ForeignKey(
        Connector, on_delete=models.CASCADE, null=True, blank=True, related_name="incidents"
    )
    member = models.ForeignKey(Member, on_delete=models.CASCADE, null=True, blank=True, related_name="incidents")
    kind = models.CharField(max_length=20, choices=IncidentKind.choices)
    cause = models.CharField(max_length=30, choices=Cause.choices, blank=True, default="")
    error_group = models.ForeignKey(
        ErrorGroup, on_delete=models.SET_NULL, null=True, blank=True, related_name="incidents"
    )
    opened_at = models.DateTimeField(help_text="Since when it is so.")
    last_seen_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    ending = models.CharField(max_length=20, choices=Ending.choices, blank=True, default="")
    reopened = models.PositiveIntegerField(default=0, help_text="How often it came back soon after it was over.")
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    snoozed_until = models.DateTimeField(null=True, blank=True)
    snooze_reason = models.CharField(max_length=200, blank=True, default="")
    snoozed_by = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    announced = models.CharField(max_length=20, blank=True, default="")
    announced_at = models.DateTimeField(null=True, blank=True)
    events_count = models.PositiveIntegerField(default=0)

    objects = IncidentQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["connector"], condition=Q(closed_at=None), name="incident_open_once"),
            models.UniqueConstraint(fields=["member"], condition=Q(closed_at=None), name="incident_of_key_once"),
            models.CheckConstraint(
                condition=Q(connector=None, member__isnull=False) | Q(connector__isnull=False, member=None),
                name="incident_of_connector_or_key",
            ),
        )
        indexes = (
            models.Index(fields=["organization", "-opened_at"], name="incident_newest"),
            models.Index(fields=["organization", "opened_at"], condition=Q(closed_at=None), name="incident_open"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"

    def get_kind(self) -> IncidentKind:
        return IncidentKind(self.kind)

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    def is_snoozed(self, *, now: datetime) -> bool:
        """It, or the error that it is about."""
        itself = self.snoozed_until is not None and self.snoozed_until > now
        return itself or (self.error_group is not None and self.error_group.is_snoozed(now=now))


class IncidentEvent(models.Model):
    """Something to be told of an incident: written with what it tells of, sent later.

    `number` counts an incident's events from 1. `facts`: what was known when it happened, for the message.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="events")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=20, choices=EventKind.choices)
    at = models.DateTimeField(default=timezone.now)
    facts = models.JSONField(default=dict)
    routed_at = models.DateTimeField(null=True, blank=True, help_text="When it was decided who hears of it.")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["incident", "number"], name="incident_event_once"),)
        indexes = (models.Index(fields=["at"], condition=Q(routed_at=None), name="incident_event_unrouted"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.number} of {self.incident_id}"


class Follow(models.Model):
    """A member wants to hear of a connector that is not theirs."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="follows")
    connector = models.ForeignKey(Connector, on_delete=models.CASCADE, related_name="follows")
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["member", "connector"], name="follow_once"),)

    def __str__(self) -> str:
        return f"{self.member_id} follows {self.connector_id}"
