from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from connectors_app.models import AuditChain, Organization
from connectors_app.models.audit import NO_ORGANIZATION
from connectors_app.services.audit_check import Broken, check_chain, check_triggers


class Command(BaseCommand):
    help = (
        "Checks that nothing in the audit trail was changed, left out or put in. Prints each chain's key, length "
        "and last hash: note these elsewhere, and hand them to --expect another day."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organization", metavar="NAME", help="only this organization's chain")
        parser.add_argument(
            "--expect", metavar="KEY=HASH", action="append", default=[], help="the chain still holds that hash"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        names = {str(pk): name for pk, name in Organization.objects.values_list("pk", "name")}
        expected = _expected(options["expect"])
        sound = [self._is_sound("triggers", check_triggers)]
        for key in _keys(options["organization"], names, expected):
            sound.append(self._check(key, names.get(key, "no organization"), expected.get(key, "")))  # noqa: PERF401
        if not all(sound):
            raise CommandError("The audit trail is not whole: see above.")

    def _check(self, key: str, name: str, expected: str) -> bool:
        def look() -> None:
            chain = check_chain(key, expected=expected)
            self.stdout.write(f"{key} ({name}): {chain.length} entries, last hash {chain.last_hash}")

        return self._is_sound(f"{key} ({name})", look)

    def _is_sound(self, what: str, look: Any) -> bool:
        try:
            look()
        except Broken as problem:
            self.stderr.write(f"{what}: {problem.message}")
            return False
        return True


def _expected(pairs: list[str]) -> dict[str, str]:
    found = dict(pair.rpartition("=")[::2] for pair in pairs)
    if not all(found) or not all(found.values()):
        raise CommandError("--expect takes a chain's key and a hash, as in 7=9f86d0…")
    return found


def _keys(organization: str | None, names: dict[str, str], expected: dict[str, str]) -> list[str]:
    """The chains there are, and those that there should be."""
    if organization is None:
        return sorted({*AuditChain.objects.values_list("pk", flat=True), *expected}, key=_order)
    key = next((key for key, name in names.items() if name == organization), None)
    if key is None:
        raise CommandError(f"There is no organization “{organization}”.")
    return [key]


def _order(key: str) -> tuple[bool, int, str]:
    return key == NO_ORGANIZATION, int(key) if key.isdecimal() else 0, key
