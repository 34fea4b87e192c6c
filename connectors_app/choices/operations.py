"""What is asked of Bigdata.com, for one connector or many, and how it ended."""

from django.db import models

from connectors_app.choices.look import Look


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
