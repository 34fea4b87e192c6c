from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from connectors_app.models import ApiKey
from connectors_app.services import polling


class Command(BaseCommand):
    help = "Asks Bigdata.com for the connectors of the keys that are due, in the foreground."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="ask for every usable key, due or not")
        parser.add_argument("--key", type=UUID, metavar="ID", help="ask for this key only")

    def handle(self, *args: Any, **options: Any) -> None:
        keys = self._keys(once=options["once"], key=options["key"])
        failed = [key_id for key_id in keys if not polling.poll(key_id)]
        self.stdout.write(f"Polled {len(keys)} keys; {len(failed)} without a usable answer.")
        if failed:
            raise CommandError("No usable answer for: " + ", ".join(str(key_id) for key_id in failed))

    def _keys(self, *, once: bool, key: UUID | None) -> list[UUID]:
        if key is not None:
            return [key]
        if once:
            return list(ApiKey.objects.usable().order_by("created_at").values_list("pk", flat=True))
        return [claim.key_id for claim in polling.claim_due(now=timezone.now())]
