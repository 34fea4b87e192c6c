"""What a copy of the database would give away."""

from django.contrib.sessions.models import Session
from django.db import connection


def everything_stored() -> str:
    """Every row of every table as one text, with the sessions unpacked."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        rows = [f"{table} {row}" for table in tables for row in _rows(cursor, table)]
    sessions = [str(session.get_decoded()) for session in Session.objects.order_by("pk")]
    return "\n".join(rows + sessions)


def data_stored() -> str:
    """The same without the cache, in which requests are counted."""
    return "\n".join(line for line in everything_stored().split("\n") if not line.startswith("cache "))


def _rows(cursor, table):
    cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608 - our own tables
    return sorted(map(str, cursor.fetchall()))
