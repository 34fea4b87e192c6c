import time
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from connectors_app.services import limits, polling

_LONGEST_WAIT = 60


class Command(BaseCommand):
    help = "Asks Bigdata.com for the connectors of the keys that are due, in the foreground."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="ask for every usable key, due or not")
        parser.add_argument("--key", type=UUID, metavar="ID", help="ask for this key only")

    def handle(self, *args: Any, **options: Any) -> None:
        due_only = not options["once"] and options["key"] is None
        keys = self._keys(once=options["once"], key=options["key"])
        failed = [key_id for key_id in keys if not _poll(key_id, claimed=due_only)]
        self.stdout.write(f"Polled {len(keys)} keys; {len(failed)} without a usable answer.")
        if failed:
            raise CommandError("No usable answer for: " + ", ".join(str(key_id) for key_id in failed))

    def _keys(self, *, once: bool, key: UUID | None) -> list[UUID]:
        if key is not None:
            return [key]
        if once:
            return polling.all_keys()
        return [claim.key_id for claim in polling.claim_due(now=timezone.now())]


def _poll(key_id: UUID, *, claimed: bool) -> bool:
    """What is claimed is within the limits already; anything else waits for its turn, a minute at most."""
    waited = 0
    while not claimed and not limits.admits_polls(1) and waited < _LONGEST_WAIT:
        time.sleep(1)
        waited += 1
    return waited < _LONGEST_WAIT and polling.poll(key_id)
