from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from connectors_app.services.backups import BackupRefused, NotSqlite, back_up

_ON_POSTGRESQL = """This database is PostgreSQL, which has a tool of its own for this:

    pg_dump --format=custom --file=FILE DATABASE_URL

See docs/operations.md, "Backup and restore"."""


class Command(BaseCommand):
    help = (
        "Saves the SQLite database to a file while everything runs, checked and whole. Not in it: the key ring, "
        "without which no stored API key can be read. Keep that elsewhere. See docs/operations.md."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--force", action="store_true", help="overwrite FILE if it is there")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            size = back_up(options["file"], overwrite=options["force"])
        except NotSqlite:
            raise CommandError(_ON_POSTGRESQL) from None
        except BackupRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"Saved and checked: {options['file']} ({size:,} bytes).")
