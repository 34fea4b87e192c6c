"""Documents: how far they are, and what went wrong."""

from django.db import models

from connectors_app.choices.look import Look


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
