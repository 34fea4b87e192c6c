"""Who holds an organization keeps nobody from writing to its trail: on PostgreSQL that ended in a deadlock."""

from threading import Thread

import pytest
from django.db import connection, transaction

from connectors_app.choices import AuditAction
from connectors_app.models import AuditEntry, Member, Organization
from connectors_app.services import audit

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time."),
]


def test_the_trail_can_be_written_while_the_organization_is_locked(adam: Member) -> None:
    def write() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '5s'")
        audit.record(AuditAction.CONNECTORS_EXPORTED, organization=adam.organization, actor=adam)
        connection.close()

    with transaction.atomic():
        Organization.lock(adam.organization_id)
        other = Thread(target=write)
        other.start()
        other.join()
    assert AuditEntry.objects.count() == 1
