from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from connectors_app.services.backups import BackupRefused, NotSqlite, restore

_ON_POSTGRESQL = """This database is PostgreSQL, which has a tool of its own for this, into an empty database:

    pg_restore --no-owner --exit-on-error --single-transaction --dbname=DATABASE_URL FILE

See docs/operations.md, "Backup and restore"."""


class Command(BaseCommand):
    help = (
        "Puts a file that `backup` wrote in the place of the SQLite database, which is kept beside it. Stop web "
        "and worker before, migrate and start them after. Everybody signs in anew. See docs/operations.md."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--force", action="store_true", help="even if a worker seems to run")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            kept = restore(options["file"], even_if_running=options["force"])
        except NotSqlite:
            raise CommandError(_ON_POSTGRESQL) from None
        except BackupRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        if kept:
            self.stdout.write(f"The database as it was: {kept}")
        self.stdout.write(f"Restored: {options['file']}. Now run `migrate` and `check --database default`.")
