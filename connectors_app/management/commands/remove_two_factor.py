from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from connectors_app.models import Member
from connectors_app.services import two_factor


class Command(BaseCommand):
    help = "Takes away the two-factor of a member who lost app, keys and codes. Make sure first that it is them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL")

    def handle(self, *args: Any, **options: Any) -> None:
        member = Member.objects.filter(email__iexact=options["email"]).select_related("organization").first()
        if member is None:
            raise CommandError(f"There is no member {options['email']}.")
        if not two_factor.remove_all(member):
            raise CommandError(f"{member.email} has no two-factor.")
        self.stdout.write(f"{member.email} now signs in by password alone, until they set two-factor up again.")
