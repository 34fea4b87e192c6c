from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class AddIndexBesideWriters(AddIndexConcurrently):
    """Nobody waits for it on PostgreSQL. SQLite knows no such way and is quick about it."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
        else:
            migrations.AddIndex.database_forwards(self, app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            super().database_backwards(app_label, schema_editor, from_state, to_state)
        else:
            migrations.AddIndex.database_backwards(self, app_label, schema_editor, from_state, to_state)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("connectors_app", "0009_given_up_messages"),
    ]

    operations = [
        AddIndexBesideWriters(
            model_name="connector",
            index=models.Index(
                condition=models.Q(
                    models.Q(
                        ("state", "gone"),
                        ("state", "key_rejected"),
                        ("state", "failing"),
                        ("state", "stale"),
                        _connector="OR",
                    ),
                    ("deletion_asked_at", None),
                ),
                fields=["organization", "created_at", "id", "state", "deletion_asked_at"],
                name="connector_attention",
            ),
        ),
    ]
