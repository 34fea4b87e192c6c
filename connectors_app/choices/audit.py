"""What the audit trail tells."""

from django.db import models

from connectors_app.choices.look import Look


class AuditGroup(models.TextChoices):
    """What an action is about; the trail is filtered by it."""

    SIGN_IN = "sign_in", "Sign-in"
    ACCOUNT = "account", "Account"
    MEMBERS = "members", "Members"
    KEYS = "keys", "API keys"
    CONNECTORS = "connectors", "Connectors"
    REFUSALS = "refusals", "Refusals"
    ORGANIZATION = "organization", "Organization"
    ALERTS = "alerts", "Alerts"
    AUDIT = "audit", "Audit trail"


class AuditAction(models.TextChoices):
    """What was done. The value begins with its group."""

    SIGNED_IN = "sign_in.succeeded", "Signed in"
    SIGN_IN_FAILED = "sign_in.failed", "Sign-in failed"
    SIGN_IN_BLOCKED = "sign_in.blocked", "Sign-in blocked: too many attempts"
    SIGNED_OUT = "sign_in.ended", "Signed out"
    SESSIONS_ENDED = "sign_in.ended_elsewhere", "Signed out elsewhere"
    REAUTHENTICATION_FAILED = "sign_in.confirmation_failed", "Confirming it's really them failed"

    PASSWORD_CHANGED = "account.password_changed", "Password changed"
    PASSWORD_RESET_ASKED = "account.password_reset_asked", "Password reset asked for"
    PASSWORD_RESET = "account.password_reset", "Password reset"
    MFA_ADDED = "account.mfa_added", "Two-factor added"
    MFA_REMOVED = "account.mfa_removed", "Two-factor removed"
    RECOVERY_CODES_MADE = "account.recovery_codes_made", "Recovery codes made"
    SINGLE_SIGN_ON_LINKED = "account.single_sign_on_linked", "Single sign-on linked"

    MEMBER_INVITED = "members.invited", "Member invited"
    INVITATION_REVOKED = "members.invitation_revoked", "Invitation revoked"
    INVITATION_ACCEPTED = "members.joined", "Joined by invitation"
    MEMBER_CREATED = "members.created", "Member created"
    ROLE_CHANGED = "members.role_changed", "Role changed"
    MEMBER_DEACTIVATED = "members.deactivated", "Member deactivated"
    MEMBER_REACTIVATED = "members.reactivated", "Member reactivated"
    OPERATOR_CHANGED = "members.operator_changed", "Back office access changed"

    KEY_ADDED = "keys.added", "API key added"
    KEY_REPLACED = "keys.replaced", "API key replaced"
    KEY_REMOVED = "keys.removed", "API key removed"
    KEY_DISABLED = "keys.disabled", "API key disabled"
    KEY_ENABLED = "keys.enabled", "API key enabled"
    KEY_REJECTED = "keys.rejected", "API key rejected by Bigdata.com"
    KEY_EXPIRY_SET = "keys.expiry_set", "API key's expiry date set"
    ENCRYPTION_ROTATED = "keys.encryption_rotated", "Encryption keys rotated"

    CONNECTOR_CREATED = "connectors.create", "Connector created"
    CONNECTOR_CHANGED = "connectors.update", "Connector changed"
    CONNECTOR_ARCHIVED = "connectors.archive", "Connector archived"
    CONNECTOR_DELETED = "connectors.delete", "Connector deleted for good"
    SYNC_ASKED = "connectors.sync", "Sync asked for"
    BULK_ASKED = "connectors.bulk", "Bulk work asked for"
    CONNECTORS_EXPORTED = "connectors.exported", "Connectors exported"

    LIMITS_CHANGED = "organization.limits_changed", "Limits changed"
    ERROR_SNOOZED = "connectors.error_snoozed", "Error snoozed"
    ERROR_WOKEN = "connectors.error_woken", "Error no longer snoozed"

    CHANNEL_ADDED = "alerts.channel_added", "Alert channel added"
    CHANNEL_CHANGED = "alerts.channel_changed", "Alert channel changed"
    CHANNEL_REMOVED = "alerts.channel_removed", "Alert channel removed"
    MESSAGE_REPLAYED = "alerts.message_replayed", "Message sent again"
    INCIDENT_ACKNOWLEDGED = "alerts.incident_acknowledged", "Incident acknowledged"
    INCIDENT_SNOOZED = "alerts.incident_snoozed", "Incident snoozed"
    INCIDENT_WOKEN = "alerts.incident_woken", "Incident no longer snoozed"

    REFUSED_BY_ROLE = "refusals.role", "Refused: not for their role"
    REFUSED_NOT_THEIRS = "refusals.not_theirs", "Refused: not theirs to see"

    AUDIT_EXPORTED = "audit.exported", "Audit trail exported"
    AUDIT_PRUNED = "audit.pruned", "Audit trail pruned"

    @property
    def group(self) -> AuditGroup:
        return AuditGroup(self.value.partition(".")[0])


class AuditResult(models.TextChoices):
    """How it ended."""

    SUCCEEDED = "succeeded", "Succeeded"
    FAILED = "failed", "Failed"
    REFUSED = "refused", "Refused"
    UNKNOWN = "unknown", "Answer lost"

    @property
    def look(self) -> Look:
        return _RESULT_LOOKS[self]


_RESULT_LOOKS = {
    AuditResult.SUCCEEDED: Look("success", "circle-check", "It was done."),
    AuditResult.FAILED: Look("danger", "circle-x", "It was tried and did not succeed."),
    AuditResult.REFUSED: Look("warning", "lock", "The dashboard did not allow it."),
    AuditResult.UNKNOWN: Look("warning", "hourglass", "The answer was lost; a later entry says how it ended."),
}
