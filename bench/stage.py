"""A dashboard to measure on: a fresh database in a temporary folder, one member with a key, a sandbox."""

import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors_app.models import Member
    from connectors_app.sandbox import SandboxServer


@contextmanager
def stage() -> Iterator[tuple["Member", "SandboxServer"]]:
    """Sets Django up, so call it once per process, before anything of the project is imported."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
        os.environ.setdefault("TEST_DATABASE_URL", f"sqlite:///{Path(folder) / 'bench.sqlite3'}")
        import django
        from django.conf import settings
        from django.core.management import call_command

        django.setup()
        logging.disable(logging.WARNING)
        call_command("migrate", verbosity=0)
        from connectors_app.models import Member, Organization
        from connectors_app.sandbox import SandboxServer
        from connectors_app.services.api_keys import store_key

        with SandboxServer(activity="quiet") as sandbox:
            settings.BIGDATA_API_BASE_URL = sandbox.url
            organization = Organization.objects.create(name="Bench")
            member = Member.objects.create_member(
                email="alice@bench.example", organization=organization, role="admin"
            )
            store_key(member, "sandbox-alice")
            yield Member.objects.select_related("organization", "api_key").get(pk=member.pk), sandbox
