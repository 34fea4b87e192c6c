"""A stand-in of the upstream Connectors API, for trying and testing; no part of the dashboard needs it."""

from connectors_app.sandbox.server import SandboxServer

__all__ = ["SandboxServer"]
