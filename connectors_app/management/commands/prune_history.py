from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from connectors_app.services.alerts.forgetting import forget_old_messages
from connectors_app.services.retention import sum_up_old_runs


class Command(BaseCommand):
    help = "Sums up sync runs older than HISTORY_DAYS and deletes old messages. The worker does so every night."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--older-than", type=int, metavar="DAYS", help="instead of HISTORY_DAYS")

    def handle(self, *args: Any, **options: Any) -> None:
        count = sum_up_old_runs(now=timezone.now(), days=options["older_than"])
        forgotten = forget_old_messages(now=timezone.now(), days=options["older_than"])
        self.stdout.write(f"Summed up {count} sync runs, deleted {forgotten} messages.")
