"""The connectors dashboard."""

__version__ = "0.1.0"
