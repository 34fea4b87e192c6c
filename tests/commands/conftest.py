"""A database in a file, as a dashboard on one machine has it."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection, connections
from pytest_django.plugin import DjangoDbBlocker


@pytest.fixture
def database(tmp_path: Path, request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker) -> Iterator[Path]:
    """Instead of the tests' own: a file, set up as in production, with nobody in it yet."""
    if connection.vendor != "sqlite":
        pytest.skip("This is about SQLite.")
    request.getfixturevalue("django_db_setup")
    file, before = tmp_path / "dashboard.sqlite3", connections["default"]
    with django_db_blocker.unblock():
        copy = sqlite3.connect(file)
        connection.ensure_connection()
        connection.connection.backup(copy)
        copy.close()
        connections["default"] = connections.create_connection("default")
        options = {**before.settings_dict["OPTIONS"], "timeout": 0.1}
        # Not changed in place: it is the dictionary of the one before, too.
        connection.settings_dict = {**before.settings_dict, "NAME": str(file), "OPTIONS": options}
        yield file
        connection.close()
        connections["default"] = before
