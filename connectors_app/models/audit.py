"""The audit trail: who did what, when, from where, with whose key. It is only ever added to.

Triggers in the database refuse to change an entry, and to delete one that was not pruned. Each entry holds
the hash of the one before it, so what is changed, left out or put in behind their back shows.
"""

import hashlib
import json
from datetime import UTC

from django.db import models

from connectors_app.choices import AuditAction, AuditGroup, AuditResult
from connectors_app.models.organization import Member, Organization

NO_ORGANIZATION = "none"


class AuditChain(models.Model):
    """Where the trail of an organization (or of nobody's: `none`) ends and, once pruned, begins."""

    key = models.CharField(primary_key=True, max_length=20, default=NO_ORGANIZATION)
    length = models.BigIntegerField(default=0, help_text="The sequence number of the last entry.")
    last_hash = models.CharField(max_length=64, blank=True, default="")
    pruned_to = models.BigIntegerField(default=0, help_text="Entries up to this one may be deleted.")
    pruned_hash = models.CharField(max_length=64, blank=True, default="", help_text="The hash of that entry.")

    def __str__(self) -> str:
        return f"audit chain of {self.key}"


class AuditEntry(models.Model):
    """Something that was done, tried or refused. Holds no secret.

    Names are kept beside what they point to, as they were at the time. `address` is where the request
    came from; empty for what the worker or a command did.
    """

    chain = models.ForeignKey(AuditChain, on_delete=models.PROTECT, related_name="entries")
    sequence = models.BigIntegerField()
    at = models.DateTimeField()
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, null=True, blank=True, related_name="audit_entries"
    )
    action = models.CharField(max_length=40, choices=AuditAction.choices)
    result = models.CharField(max_length=20, choices=AuditResult.choices)
    actor = models.ForeignKey(
        Member, on_delete=models.PROTECT, null=True, blank=True, related_name="audit_entries"
    )
    actor_name = models.CharField(max_length=254, blank=True)
    actor_role = models.CharField(max_length=20, blank=True)
    key_owner = models.ForeignKey(
        Member, on_delete=models.PROTECT, null=True, blank=True, related_name="audit_entries_with_key"
    )
    key_owner_name = models.CharField(max_length=254, blank=True)
    address = models.GenericIPAddressField(null=True, blank=True)
    target_type = models.CharField(max_length=30, blank=True)
    target_id = models.CharField(max_length=64, blank=True)
    target_name = models.TextField(blank=True)
    details = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["chain", "sequence"], name="audit_entry_in_chain"),)
        indexes = (
            models.Index(fields=["organization", "-at", "-id"], name="audit_newest"),
            models.Index(fields=["organization", "actor", "-at", "-id"], name="audit_by_actor"),
            models.Index(fields=["organization", "action", "-at"], name="audit_by_action"),
            models.Index(fields=["target_type", "target_id", "-at"], name="audit_of_target"),
        )

    def __str__(self) -> str:
        return f"{self.chain_id} {self.sequence}: {self.action}"

    @property
    def group(self) -> AuditGroup:
        return AuditAction(self.action).group

    @property
    def action_label(self) -> str:
        return str(AuditAction(self.action).label)

    def compute_hash(self) -> str:
        """The SHA-256 of everything the entry says, and of the hash before it."""
        facts = [
            self.previous_hash,
            self.chain_id,
            self.sequence,
            self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            *(self.organization_id, self.action, self.result),
            *(self.actor_id, self.actor_name, self.actor_role, self.key_owner_id, self.key_owner_name),
            *(self.address, self.target_type, self.target_id, self.target_name, self.details),
        ]
        text = json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()
