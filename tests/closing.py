"""Letting go of an answer that was not read to its end."""

from typing import Any

from django.core.signals import request_finished
from django.db import close_old_connections


def close(answer: Any) -> None:
    """As the test client does it: the test's own connection, in its transaction, stays open."""
    request_finished.disconnect(close_old_connections)
    try:
        answer.close()
    finally:
        request_finished.connect(close_old_connections)
