"""PostgreSQL plans once per connection what is asked often, unless told not to."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection

from connectors_app.models import Connector

_SHOW = "from django.conf import settings; print(settings.DATABASES['default'].get('OPTIONS', {}))"


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite plans in no time.")
@pytest.mark.django_db
def test_what_is_asked_often_is_prepared():
    for pk in range(6):
        Connector.objects.filter(pk=pk).exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%app_connector%'")
        [prepared] = cursor.fetchone()
    assert prepared


@pytest.mark.parametrize(("wanted", "shown"), [("true", True), ("false", False)])
def test_it_can_be_turned_off_and_keeps_what_the_url_says(wanted, shown):
    options = subprocess.run(
        [sys.executable, "-c", _SHOW],
        cwd=settings.BASE_DIR,
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "dashboard.settings",
            "DATABASE_URL": "postgres:///somewhere?sslmode=require",
            "PREPARED_STATEMENTS": wanted,
        },
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert ("server_side_binding" in options) is shown
    assert "'sslmode': 'require'" in options
