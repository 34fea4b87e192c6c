"""Invitations: the only way into an organization, but for the command line."""

import hashlib
import uuid
from datetime import datetime

from django.db import models
from django.utils import timezone

from connectors_app.choices import Role
from connectors_app.models.organization import Member, Organization


def hash_of(token: str) -> str:
    """What is kept of a link's token. It has 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self, *, now: datetime) -> "InvitationQuerySet":
        """Those that can still be accepted."""
        return self.filter(accepted_at=None, revoked_at=None, expires_at__gt=now)

    def of_link(self, token: str) -> "InvitationQuerySet":
        """The one that a link with this token belongs to, or none."""
        return self.filter(token_hash=hash_of(token))


class Invitation(models.Model):
    """An offer to join with one email address and one role, by a link that works once.

    The link's secret is known to who holds the link: here is only its SHA-256.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=20, choices=Role.choices)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(
        Member, on_delete=models.PROTECT, null=True, blank=True, related_name="invitations_sent"
    )
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.OneToOneField(
        Member, on_delete=models.PROTECT, null=True, blank=True, related_name="invitation"
    )

    objects = InvitationQuerySet.as_manager()

    class Meta:
        indexes = (models.Index(fields=["organization", "-created_at"], name="invitation_newest"),)

    def __str__(self) -> str:
        return f"{self.email} as {self.role}"

    def save(self, *args: object, **kwargs: object) -> None:
        self.email = self.email.lower()
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    def get_role(self) -> Role:
        return Role(self.role)
