"""Sending to addresses that customers typed, without being led into our own network. It knows no Django."""

from .errors import HostNotFound, Refused, Undelivered
from .sending import post
from .signing import signature, verify
from .slack import escape
from .urls import check_url

__all__ = ["HostNotFound", "Refused", "Undelivered", "check_url", "escape", "post", "signature", "verify"]
