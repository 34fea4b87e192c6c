from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from connectors_app.models import Member
from connectors_app.services.operators import set_operator
from connectors_app.services.two_factor import second_factors


class Command(BaseCommand):
    help = "Lets a member read the back office, or no longer. They also need two-factor to get in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("--remove", action="store_true", help="no longer")

    def handle(self, *args: Any, **options: Any) -> None:
        member = Member.objects.filter(email__iexact=options["email"]).select_related("organization").first()
        if member is None:
            raise CommandError(f"There is no member {options['email']}.")
        set_operator(member, is_operator=not options["remove"])
        if options["remove"]:
            self.stdout.write(f"{member.email} no longer gets into the back office.")
            return
        self.stdout.write(f"{member.email} may read the back office, at /backoffice/.")
        if not second_factors(member).exists():
            self.stdout.write("They have no two-factor yet, and without it they don't get in.")
