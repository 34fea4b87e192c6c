"""Letting go of an answer that was not read to its end."""

from typing import Any
from unittest.mock import patch

from django.db import connections


def close(answer: Any) -> None:
    """The end of a request closes connections that are not as they should be; a test's is in a transaction."""
    with patch.object(connections["default"], "close_if_unusable_or_obsolete"):
        answer.close()
