"""What is learned anew waits for no disk; what it is part of may."""

import pytest
from django.db import connection, transaction

from connectors_app.models.forgettable import forgettable
from connectors_app.services import limits

only_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one way to commit.")


def waits_for_the_disk() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SHOW synchronous_commit")
        [setting] = cursor.fetchone()
    return bool(setting != "off")


@only_postgresql
@pytest.mark.django_db(transaction=True)
def test_its_end_waits_for_no_disk_and_the_next_one_does_again() -> None:
    with forgettable():
        assert not waits_for_the_disk()
    with transaction.atomic():
        assert waits_for_the_disk()


@only_postgresql
@pytest.mark.django_db(transaction=True)
def test_as_part_of_another_it_is_as_durable() -> None:
    with transaction.atomic():
        with forgettable():
            assert waits_for_the_disk()
        assert waits_for_the_disk()


@pytest.mark.django_db(transaction=True)
def test_it_is_all_or_nothing() -> None:
    def begin_and_fail() -> None:
        with forgettable():
            limits.take("one", per_minute=60)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        begin_and_fail()
    assert not limits.Allowance.objects.exists()
