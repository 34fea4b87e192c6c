"""Members' Bigdata.com API keys, stored encrypted."""

import uuid
from datetime import date, datetime, timedelta

from django.db import models
from django.utils import timezone

from connectors_app.choices import KeyStatus, Look
from connectors_app.encryption import Place, key_ring
from connectors_app.models.organization import Member, Organization

# The owner is reminded this many days before their key expires.
EXPIRY_NOTICE = 14

_NOTHING_SHOWN = "····"


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def usable(self) -> "ApiKeyQuerySet":
        """Keys that may be used for calls: accepted so far, and of members who may sign in."""
        return self.filter(status=KeyStatus.WORKING, member__is_active=True)


class ApiKey(models.Model):
    """One member's key. The value exists only encrypted; `last_four` tells keys apart."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="api_keys")
    member = models.OneToOneField(Member, on_delete=models.CASCADE, related_name="api_key")
    ciphertext = models.TextField(editable=False)
    fingerprint = models.CharField(max_length=64, editable=False, db_index=True)
    last_four = models.CharField(max_length=4)
    status = models.CharField(max_length=20, choices=KeyStatus.choices, default=KeyStatus.WORKING)
    rejected_at = models.DateTimeField(null=True, blank=True)
    disabled_at = models.DateTimeField(null=True, blank=True)
    expires_on = models.DateField(null=True, blank=True, help_text="As its owner says; Bigdata.com tells none.")
    created_at = models.DateTimeField(default=timezone.now)
    verified_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    answered_by_sandbox = models.BooleanField(default=False)

    last_polled_at = models.DateTimeField(null=True, blank=True, help_text="When its last good list was asked.")
    last_poll_error = models.TextField(blank=True, default="")
    poll_failures = models.PositiveIntegerField(default=0, help_text="In a row.")
    next_poll_at = models.DateTimeField(default=timezone.now)
    lease_until = models.DateTimeField(null=True, blank=True)
    paused_until = models.DateTimeField(null=True, blank=True, help_text="Bigdata.com asked to wait (429).")

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        indexes = (models.Index(fields=["next_poll_at"], name="api_key_next_poll"),)

    def __str__(self) -> str:
        return f"key of {self.member_id} ending in {self.last_four}"

    @property
    def look(self) -> Look:
        return KeyStatus(self.status).look

    @property
    def shows_its_end(self) -> bool:
        return self.last_four != _NOTHING_SHOWN

    @property
    def place(self) -> Place:
        """Where the ciphertext belongs: it decrypts nowhere else."""
        return Place(self._meta.db_table, self.organization_id, self.pk, "ciphertext")

    def seal(self, value: str) -> None:
        """Take in a new value; `save()` is the caller's."""
        ring = key_ring()
        self.ciphertext = ring.encrypt(value, self.place)
        self.fingerprint = ring.fingerprint(value)
        # Of a short key even four characters would tell too much.
        self.last_four = value[-4:] if len(value) >= 12 else _NOTHING_SHOWN

    def mark_verified(self, now: datetime, *, by_sandbox: bool) -> None:
        """Bigdata.com has just accepted it, and answered with all that it sees; `save()` is the caller's."""
        self.status, self.rejected_at, self.disabled_at = KeyStatus.WORKING, None, None
        self.verified_at = self.last_used_at = self.last_polled_at = now
        self.last_poll_error = ""
        self.answered_by_sandbox = by_sandbox

    def holds(self, value: str) -> bool:
        """Whether the stored key is this one."""
        return key_ring().has_fingerprint(value, self.fingerprint)

    @property
    def is_usable(self) -> bool:
        return self.status == KeyStatus.WORKING and self.member.is_active

    def has_expired(self, today: date) -> bool:
        """It works up to and including the day its owner named."""
        return self.expires_on is not None and self.expires_on < today

    def expires_soon(self, today: date) -> bool:
        """Its last day is near, or over."""
        return self.expires_on is not None and self.expires_on <= today + timedelta(days=EXPIRY_NOTICE)
