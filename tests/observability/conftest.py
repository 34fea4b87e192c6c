"""What is told of a thread is of its test: another may have left its request id behind."""

import pytest
from django_guid import clear_guid


@pytest.fixture(autouse=True)
def _no_request_is_left() -> None:
    clear_guid()
