"""A typed client of the Bigdata.com Connectors API. It knows no Django and no model."""

from .client import OPERATIONS, BigdataClient
from .documents import DocumentFilters
from .errors import (
    BigdataError,
    Busy,
    ConnectionLost,
    KeyRejected,
    NoSuchRoute,
    NotFound,
    RateLimited,
    Refused,
    TimedOut,
    UnexpectedAnswer,
    Unreachable,
    UpstreamFailed,
)
from .schemas import (
    BrokerConfig,
    ConnectorChanges,
    ConnectorData,
    DocumentData,
    EmailConfig,
    NewConnector,
    SharePointConfig,
    SyncAccepted,
)
from .secret import Secret
from .throttle import ConcurrencyGate
from .transport import Transport

__all__ = [
    "OPERATIONS",
    "BigdataClient",
    "BigdataError",
    "BrokerConfig",
    "Busy",
    "ConcurrencyGate",
    "ConnectionLost",
    "ConnectorChanges",
    "ConnectorData",
    "DocumentData",
    "DocumentFilters",
    "EmailConfig",
    "KeyRejected",
    "NewConnector",
    "NoSuchRoute",
    "NotFound",
    "RateLimited",
    "Refused",
    "Secret",
    "SharePointConfig",
    "SyncAccepted",
    "TimedOut",
    "Transport",
    "UnexpectedAnswer",
    "Unreachable",
    "UpstreamFailed",
]
