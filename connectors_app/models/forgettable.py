"""Transactions that need not outlive a crash of the database server."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def forgettable() -> Iterator[None]:
    """`transaction.atomic`, but its end waits for no disk: for what is counted or learned anew anyway.

    Where PostgreSQL crashes, the last half second of them may be lost, each as a whole. Within a transaction that
    goes on it is part of that one, and as durable.
    """
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        if is_outermost and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL synchronous_commit TO off")
        yield
