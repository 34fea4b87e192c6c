"""Channels: where messages about incidents go, and the messages on their way."""

import uuid
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from connectors_app.choices import ChannelKind, DeliveryStatus
from connectors_app.encryption import Place, key_ring
from connectors_app.models.incident import IncidentEvent
from connectors_app.models.organization import Member, Organization


class Channel(models.Model):
    """An address that messages go to, one after the other: the organization's, or (`member`) a member's own.

    What it wants to hear: of each list that is not empty, one must fit; for a member's own, `choices`.
    The address of a webhook may hold a secret, so that it is kept encrypted; so is the key for signatures.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="channels")
    member = models.OneToOneField(
        Member, on_delete=models.CASCADE, null=True, blank=True, related_name="notifications"
    )
    kind = models.CharField(max_length=20, choices=ChannelKind.choices)
    name = models.CharField(max_length=100, blank=True, default="")
    email = models.EmailField(blank=True, default="")
    url_ciphertext = models.TextField(editable=False, blank=True, default="")
    url_host = models.CharField(max_length=255, blank=True, default="", help_text="What is shown of the address.")
    secret_ciphertext = models.TextField(editable=False, blank=True, default="")
    is_enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)

    kinds = models.JSONField(default=list, blank=True)
    types = models.JSONField(default=list, blank=True)
    causes = models.JSONField(default=list, blank=True)
    owners = models.JSONField(default=list, blank=True, help_text="Members, by id.")

    choices = models.JSONField(default=dict, blank=True, help_text="Of a member: when, by kind of incident.")
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_to = models.TimeField(null=True, blank=True)

    lease_until = models.DateTimeField(null=True, blank=True)
    next_try_at = models.DateTimeField(null=True, blank=True, help_text="After trouble: not before.")
    failures = models.PositiveIntegerField(default=0, help_text="Tries in a row.")
    test_failed_at = models.DateTimeField(
        null=True, blank=True, help_text="If the last test of this address failed: when."
    )

    def __str__(self) -> str:
        return self.name or f"channel {self.id}"

    @property
    def look(self) -> Any:
        return ChannelKind(self.kind).look

    @property
    def url_place(self) -> Place:
        return Place(self._meta.db_table, self.organization_id, self.pk, "url_ciphertext")

    @property
    def secret_place(self) -> Place:
        return Place(self._meta.db_table, self.organization_id, self.pk, "secret_ciphertext")

    def seal_url(self, url: str, *, host: str) -> None:
        """Take in another address; `save()` is the caller's."""
        self.url_ciphertext, self.url_host = key_ring().encrypt(url, self.url_place), host

    def seal_secret(self, secret: str) -> None:
        """Take in another key for signatures; `save()` is the caller's."""
        self.secret_ciphertext = key_ring().encrypt(secret, self.secret_place)


class Delivery(models.Model):
    """One message to one channel. Its id is the event id that the receiver sees, however often it is sent."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="deliveries")
    number = models.BigIntegerField(help_text="The place in the channel's line.")
    subject = models.TextField()
    body = models.JSONField(help_text="What is told, as it was when the message was made.")
    status = models.CharField(max_length=20, choices=DeliveryStatus.choices, default=DeliveryStatus.WAITING)
    created_at = models.DateTimeField(default=timezone.now)
    give_up_at = models.DateTimeField(help_text="What fails after that is not tried again.")
    attempts = models.PositiveIntegerField(default=0)
    last_tried_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    message = models.TextField(blank=True, default="", help_text="What the last try ended with, if not well.")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["channel", "number"], name="delivery_place"),)
        indexes = (
            models.Index(fields=["channel", "-created_at"], name="delivery_newest"),
            models.Index(fields=["channel", "number"], condition=Q(status="waiting"), name="delivery_waiting"),
            models.Index(fields=["channel"], condition=Q(status="given_up"), name="delivery_given_up"),
        )

    def __str__(self) -> str:
        return f"{self.subject} ({self.status})"

    @property
    def look(self) -> Any:
        return DeliveryStatus(self.status).look


class Notice(models.Model):
    """An event that a channel is to hear of, until it is in a message (`delivery`).

    `group` is what events have in common that go into one message; `not_before`: quiet hours, or a daily digest.
    """

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="notices")
    event = models.ForeignKey(IncidentEvent, on_delete=models.CASCADE, related_name="notices")
    group = models.CharField(max_length=100)
    not_before = models.DateTimeField(null=True, blank=True)
    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, null=True, blank=True, related_name="notices")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["channel", "event"], name="notice_once"),)
        indexes = (models.Index(fields=["channel"], condition=Q(delivery=None), name="notice_unsent"),)

    def __str__(self) -> str:
        return f"{self.event_id} for {self.channel_id}"
