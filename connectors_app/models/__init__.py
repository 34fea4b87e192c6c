from connectors_app.models.api_key import ApiKey
from connectors_app.models.bulk import Bulk, BulkItem
from connectors_app.models.connector import Connector, Sighting
from connectors_app.models.history import OutsideChange, SyncRun
from connectors_app.models.operation import Operation
from connectors_app.models.organization import Member, Organization
from connectors_app.models.search import SearchTerm

__all__ = [
    "ApiKey",
    "Bulk",
    "BulkItem",
    "Connector",
    "Member",
    "Operation",
    "Organization",
    "OutsideChange",
    "SearchTerm",
    "Sighting",
    "SyncRun",
]
