from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from connectors_app.models import AuditChain
from connectors_app.services.audit_pruning import prune


class Command(BaseCommand):
    help = "Deletes the audit trail's oldest entries for good. That it did so is recorded in the trail."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--older-than", type=int, required=True, metavar="DAYS")
        parser.add_argument("--dry-run", action="store_true", help="only say what would go")

    def handle(self, *args: Any, **options: Any) -> None:
        days = options["older_than"]
        if not 1 <= days <= 36_500:
            raise CommandError("--older-than takes a number of days, 1 or more.")
        moment = timezone.now() - timedelta(days=days)
        done = "would go" if options["dry_run"] else "deleted"
        for key in AuditChain.objects.order_by("pk").values_list("pk", flat=True):
            pruned = prune(key, older_than=moment, dry_run=options["dry_run"])
            told = f"entries {pruned.first} to {pruned.last} {done}" if pruned else "nothing is that old"
            self.stdout.write(f"{key}: {told}")
