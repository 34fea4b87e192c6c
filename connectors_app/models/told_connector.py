"""What the API tells of a connector, as it came."""

from typing import Any

from django.db import models

# An upstream that reports success with other words than the documented one must not look like a failure.
_GOOD_STATUS = "SUCCESS"
_PLAIN_STATUSES = {_GOOD_STATUS, "FAILED"}
_BAD_STATUS_WORDS = ("FAIL", "ERROR")
_KNOWN_CONFIG = {"allowed_emails", "email", "email_hash", "user_id"}


class ToldConnector(models.Model):
    """The API's own fields and what follows from them. `user_id` and `org_id` carry the prefix `bigdata_`."""

    connector_id = models.UUIDField()
    type = models.TextField()
    label = models.TextField()
    description = models.TextField(blank=True, default="")
    share_with_org = models.BooleanField(default=False)
    archived = models.BooleanField(default=False)
    bigdata_user_id = models.CharField(max_length=255)
    bigdata_org_id = models.CharField(max_length=255)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    config = models.JSONField(default=dict)
    files_count = models.BigIntegerField(null=True, blank=True)
    last_sync_at = models.DateTimeField(null=True, blank=True)
    last_sync_status = models.TextField(blank=True, default="")
    last_sync_error_msg = models.TextField(blank=True, default="")
    last_sync_count = models.BigIntegerField(null=True, blank=True)
    extra = models.JSONField(default=dict, help_text="Fields the API sent that we do not know.")

    class Meta:
        abstract = True

    @property
    def inbox_address(self) -> str:
        """Where mail is forwarded to (email connectors only)."""
        return self._config_text("email")

    @property
    def broker_user_id(self) -> str:
        return self._config_text("user_id")

    @property
    def allowed_emails(self) -> list[str]:
        senders = self.config.get("allowed_emails")
        return [str(sender) for sender in senders] if isinstance(senders, list) else []

    @property
    def other_config(self) -> dict[str, Any]:
        """What else the API sent in `config`, for a type or a field that we do not know."""
        return {name: value for name, value in self.config.items() if name not in _KNOWN_CONFIG}

    @property
    def unfamiliar_sync_status(self) -> str:
        """The last sync's status as it came, unless it says no more than whether the sync went well."""
        return "" if self.last_sync_status.upper() in _PLAIN_STATUSES else self.last_sync_status

    @property
    def last_sync_outcome(self) -> str:
        """The last sync's status in a word; one that we do not know, as it came."""
        if self.unfamiliar_sync_status or not self.last_sync_status:
            return self.last_sync_status
        return "Failed" if self.last_sync_failed else "Succeeded"

    def _config_text(self, name: str) -> str:
        value: Any = self.config.get(name)
        return value if isinstance(value, str) else ""

    @property
    def last_sync_failed(self) -> bool:
        """Judged by the status where it is telling, otherwise by whether there is an error message."""
        status = self.last_sync_status.upper()
        if status == _GOOD_STATUS:
            return False
        return bool(self.last_sync_error_msg) or any(word in status for word in _BAD_STATUS_WORDS)
