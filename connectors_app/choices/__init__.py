"""Every enumeration of the dashboard, each with its label and, where it is shown, its look."""

from connectors_app.choices.alerts import (
    ChannelKind,
    DeliveryStatus,
    Ending,
    EventKind,
    IncidentKind,
    NotifyWhen,
)
from connectors_app.choices.audit import AuditAction, AuditGroup, AuditResult
from connectors_app.choices.causes import Cause
from connectors_app.choices.connectors import DELETED, NEEDS_ATTENTION, State
from connectors_app.choices.documents import DOCUMENT_ERRORS, DocumentStatus
from connectors_app.choices.look import Look
from connectors_app.choices.members import KeyStatus, Role
from connectors_app.choices.operations import BulkAction, OperationKind, Outcome

__all__ = [
    "DELETED",
    "DOCUMENT_ERRORS",
    "NEEDS_ATTENTION",
    "AuditAction",
    "AuditGroup",
    "AuditResult",
    "BulkAction",
    "Cause",
    "ChannelKind",
    "DeliveryStatus",
    "DocumentStatus",
    "Ending",
    "EventKind",
    "IncidentKind",
    "KeyStatus",
    "Look",
    "NotifyWhen",
    "OperationKind",
    "Outcome",
    "Role",
    "State",
]
