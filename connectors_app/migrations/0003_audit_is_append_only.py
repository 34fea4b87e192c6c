"""Triggers that refuse to change the audit trail, and the table of the cache that all processes share.

A migration that alters the trail's table on SQLite makes the table anew, without its triggers: it must end
with `put_up` of this one again.
"""

from django.core.management import call_command
from django.db import migrations

SQLITE = [
    """CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON connectors_app_auditentry
    BEGIN SELECT RAISE(ABORT, 'The audit trail is append-only.'); END""",
    """CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON connectors_app_auditentry
    WHEN OLD.sequence > (SELECT pruned_to FROM connectors_app_auditchain WHERE key = OLD.chain_id)
    BEGIN SELECT RAISE(ABORT, 'The audit trail is append-only.'); END""",
]
POSTGRESQL = [
    """CREATE FUNCTION audit_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'DELETE' AND OLD.sequence <= (
        SELECT pruned_to FROM connectors_app_auditchain WHERE key = OLD.chain_id
      ) THEN
        RETURN OLD;
      END IF;
      RAISE EXCEPTION 'The audit trail is append-only.';
    END $$""",
    """CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON connectors_app_auditentry
    FOR EACH ROW EXECUTE FUNCTION audit_entry_refuse()""",
    """CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON connectors_app_auditentry
    FOR EACH ROW EXECUTE FUNCTION audit_entry_refuse()""",
]


def put_up(apps, schema_editor):
    statements = {"sqlite": SQLITE, "postgresql": POSTGRESQL}[schema_editor.connection.vendor]
    for statement in statements:
        schema_editor.execute(statement)


def take_down(apps, schema_editor):
    on_table = " ON connectors_app_auditentry" if schema_editor.connection.vendor == "postgresql" else ""
    for name in ("audit_entry_no_update", "audit_entry_no_delete"):
        schema_editor.execute(f"DROP TRIGGER {name}{on_table}")
    if on_table:
        schema_editor.execute("DROP FUNCTION audit_entry_refuse()")


def make_cache_table(apps, schema_editor):
    call_command("createcachetable", "cache", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("connectors_app", "0002_people_and_audit")]

    operations = [
        migrations.RunPython(put_up, take_down),
        migrations.RunPython(make_cache_table, migrations.RunPython.noop),
    ]
