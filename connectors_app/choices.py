"""Every enumeration of the dashboard, each with its label and, where it is shown, its look.

The order of `State` is its order of precedence: the first that fits is the connector's state.
"""

from dataclasses import dataclass

from django.db import models


@dataclass(frozen=True, slots=True)
class Look:
    """How a value is shown: a Tabler tone, an icon of the sprite, and a sentence for people."""

    tone: str
    icon: str
    explanation: str


class State(models.TextChoices):
    """The one word that says how a connector is doing."""

    DELETING = "deleting", "Deleting"
    ARCHIVED = "archived", "Archived"
    GONE = "gone", "Gone"
    KEY_REJECTED = "key_rejected", "Key rejected"
    FAILING = "failing", "Failing"
    STALE = "stale", "Stale"
    SYNCING = "syncing", "Syncing"
    NEVER_SYNCED = "never_synced", "Never synced"
    HEALTHY = "healthy", "Healthy"

    @property
    def look(self) -> Look:
        return _STATE_LOOKS[self]

    @property
    def tone(self) -> str:
        return self.look.tone

    @property
    def icon(self) -> str:
        return self.look.icon

    @property
    def explanation(self) -> str:
        return self.look.explanation


_STATE_LOOKS = {
    State.DELETING: Look("secondary", "trash", "Being deleted for good, together with its documents."),
    State.ARCHIVED: Look("secondary", "archive", "Takes in nothing more; its documents stay."),
    State.GONE: Look("danger", "ghost", "Bigdata.com no longer knows it for any of your organization's keys."),
    State.KEY_REJECTED: Look("danger", "key-off", "No working API key sees it, so this may be out of date."),
    State.FAILING: Look("danger", "alert-triangle", "Its last sync failed."),
    State.STALE: Look("warning", "clock-pause", "Nothing new has come in for longer than expected."),
    State.SYNCING: Look("info", "refresh", "A sync was asked for; its result has not come in yet."),
    State.NEVER_SYNCED: Look("info", "hourglass", "Nothing has been taken in yet."),
    State.HEALTHY: Look("success", "circle-check", "Working as it should."),
}


class Role(models.TextChoices):
    """What a member may do; `permissions.py` holds the rules."""

    ANALYST = "analyst", "Analyst"
    ADMIN = "admin", "Admin"
    SUPPORT = "support", "Support"

    @property
    def explanation(self) -> str:
        return _ROLE_EXPLANATIONS[self]


_ROLE_EXPLANATIONS = {
    Role.ANALYST: "Creates connectors and looks after their own; sees what is shared with the organization.",
    Role.ADMIN: "Sees and looks after every connector, every member and every key's health.",
    Role.SUPPORT: "Sees every connector and its errors and can ask for syncs; changes nothing else.",
}


class KeyStatus(models.TextChoices):
    """Whether an API key is in use."""

    WORKING = "working", "Working"
    REJECTED = "rejected", "Rejected"

    @property
    def look(self) -> Look:
        return _KEY_LOOKS[self]


_KEY_LOOKS = {
    KeyStatus.WORKING: Look("success", "circle-check", "Bigdata.com accepts it."),
    KeyStatus.REJECTED: Look("danger", "key-off", "Bigdata.com no longer accepts it. Replace it."),
}


class OperationKind(models.TextChoices):
    """What somebody asked of Bigdata.com."""

    CREATE = "create", "Create"
    UPDATE = "update", "Save changes"
    ARCHIVE = "archive", "Archive"
    DELETE = "delete", "Delete for good"
    SYNC = "sync", "Sync now"

    @property
    def done(self) -> str:
        """What was done, as in "It was …"."""
        return _DONE[self]


_DONE = {
    OperationKind.CREATE: "created",
    OperationKind.UPDATE: "changed",
    OperationKind.ARCHIVE: "archived",
    OperationKind.DELETE: "deleted",
    OperationKind.SYNC: "asked to sync",
}


class BulkAction(models.TextChoices):
    """What can be asked for many connectors at once."""

    SYNC = "sync", "Sync now"
    ARCHIVE = "archive", "Archive"
    ADD_SENDER = "add_sender", "Add a sender"
    REMOVE_SENDER = "remove_sender", "Remove a sender"


class Outcome(models.TextChoices):
    """How an operation ended, as far as we know."""

    PENDING = "pending", "In progress"
    SUCCEEDED = "succeeded", "Succeeded"
    FAILED = "failed", "Failed"
    UNKNOWN = "unknown", "Checking"

    @property
    def look(self) -> Look:
        return _OUTCOME_LOOKS[self]


_OUTCOME_LOOKS = {
    Outcome.PENDING: Look("info", "refresh", "Sent to Bigdata.com; no answer yet."),
    Outcome.SUCCEEDED: Look("success", "circle-check", "Bigdata.com carried it out."),
    Outcome.FAILED: Look("danger", "circle-x", "It was not carried out."),
    Outcome.UNKNOWN: Look("warning", "hourglass", "The answer was lost. We are finding out whether it happened."),
}


class DocumentStatus(models.TextChoices):
    """How far Bigdata.com is with a document (contract: `Document.status`)."""

    PENDING = "pending", "Pending"
    PROCESSING = "processing", "Processing"
    COMPLETED = "completed", "Completed"
    FAILED = "failed", "Failed"

    @property
    def look(self) -> Look:
        return _DOCUMENT_LOOKS[self]


_DOCUMENT_LOOKS = {
    DocumentStatus.PENDING: Look("info", "hourglass", "It has arrived and waits to be read."),
    DocumentStatus.PROCESSING: Look("info", "refresh", "It is being read."),
    DocumentStatus.COMPLETED: Look("success", "circle-check", "It can be searched."),
    DocumentStatus.FAILED: Look("danger", "circle-x", "It could not be taken in."),
}

# Codes are not documented (contract: `Document.error_code`): these are likely, any other is shown as it came.
DOCUMENT_ERRORS = {
    "SENDER_NOT_ALLOWED": "The sender is not allowed",
    "UNSUPPORTED_ATTACHMENT": "An attachment is of a kind that can't be read",
    "UNSUPPORTED_FILE_TYPE": "Files of this kind can't be read",
    "UNSUPPORTED_CONTENT_TYPE": "Files of this kind can't be read",
    "FILE_TOO_LARGE": "The file is too large",
    "EMPTY_FILE": "The file is empty",
    "EMPTY_CONTENT": "There is no text in it",
    "CORRUPTED_FILE": "The file is damaged",
    "PASSWORD_PROTECTED": "The file is protected by a password",
    "ENCRYPTED_FILE": "The file is encrypted",
    "PARSING_ERROR": "Its content could not be read",
    "PROCESSING_ERROR": "Bigdata.com could not process it",
    "INTERNAL_ERROR": "Bigdata.com could not process it",
    "TIMEOUT": "Reading it took too long",
    "DUPLICATE": "The same document is there already",
    "QUOTA_EXCEEDED": "The limit for documents is reached",
}
