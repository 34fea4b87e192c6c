from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from connectors_app.encryption import key_ring
from connectors_app.services import key_rotation
from connectors_app.services.key_rotation import Result, Step

_LINE_EVERY = 100


class Command(BaseCommand):
    help = (
        "Encrypts every stored secret anew, with the first key of FIELD_ENCRYPTION_KEYS, and proves that this key "
        "alone then opens them all. May be stopped at any time and run again. See docs/operations.md."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="change nothing; say what would be done")

    def handle(self, *args: Any, **options: Any) -> None:
        steps = self._rotate(dry_run=options["dry_run"])
        if not options["dry_run"]:
            key_rotation.record_rotation(steps)
        self._tell(steps, dry_run=options["dry_run"])
        self._name_unreadable(steps)
        if not options["dry_run"]:
            self._prove()

    def _rotate(self, *, dry_run: bool) -> list[Step]:
        total, steps = key_rotation.total(), []
        for step in key_rotation.rotate(dry_run=dry_run):
            steps.append(step)
            if len(steps) % _LINE_EVERY == 0:
                self.stdout.write(f"{len(steps)} / {total}")
        return steps

    def _tell(self, steps: list[Step], *, dry_run: bool) -> None:
        rotated, current = (_count(steps, result) for result in (Result.ROTATED, Result.CURRENT))
        key_id = key_ring().primary_id
        done = "to encrypt anew" if dry_run else "encrypted anew"
        self.stdout.write(f"With {key_id!r}: {rotated} {done}, {current} already were, of {len(steps)} secrets.")

    def _name_unreadable(self, steps: list[Step]) -> None:
        unreadable = [step.secret for step in steps if step.result is Result.UNREADABLE]
        if unreadable:
            raise CommandError(
                "No key of the ring opens these, and they were left as they are:\n"
                + "\n".join(f"  {secret}" for secret in unreadable)
                + "\nIf a key is missing from FIELD_ENCRYPTION_KEYS, put it back and run this again. Otherwise "
                "they are damaged, and their owners must set them up again. Until then keep the old keys."
            )

    def _prove(self) -> None:
        left = key_rotation.unreadable_with_the_first_key_alone()
        if left:
            raise CommandError(
                "Some were stored meanwhile by a process with another ring, which must be restarted first. "
                "Then run this again:\n" + "\n".join(f"  {secret}" for secret in left)
            )
        self.stdout.write(
            f"Proved: {key_ring().primary_id!r} alone opens every stored secret. "
            "You can drop the other keys from FIELD_ENCRYPTION_KEYS."
        )


def _count(steps: list[Step], result: Result) -> int:
    return sum(step.result is result for step in steps)
