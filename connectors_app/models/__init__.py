from connectors_app.models.api_key import ApiKey
from connectors_app.models.audit import AuditChain, AuditEntry
from connectors_app.models.bulk import Bulk, BulkItem
from connectors_app.models.channel import Channel, Delivery, Notice
from connectors_app.models.connector import Connector
from connectors_app.models.error_group import ErrorGroup
from connectors_app.models.history import OutsideChange, SyncDay, SyncRun
from connectors_app.models.incident import Follow, Incident, IncidentEvent
from connectors_app.models.invitation import Invitation
from connectors_app.models.operation import Operation
from connectors_app.models.organization import Member, Organization
from connectors_app.models.search import SearchTerm
from connectors_app.models.sighting import Sighting
from connectors_app.models.upstream import Allowance, Upstream

__all__ = [
    "Allowance",
    "ApiKey",
    "AuditChain",
    "AuditEntry",
    "Bulk",
    "BulkItem",
    "Channel",
    "Connector",
    "Delivery",
    "ErrorGroup",
    "Follow",
    "Incident",
    "IncidentEvent",
    "Invitation",
    "Member",
    "Notice",
    "Operation",
    "Organization",
    "OutsideChange",
    "SearchTerm",
    "Sighting",
    "SyncDay",
    "SyncRun",
    "Upstream",
]
