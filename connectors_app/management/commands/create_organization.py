from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from connectors_app.models import Organization


class Command(BaseCommand):
    help = "Creates an organization."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME")

    def handle(self, *args: Any, **options: Any) -> None:
        organization = Organization(name=options["name"].strip())
        try:
            organization.full_clean()
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from None
        organization.save()
        self.stdout.write(f"Organization “{organization}” created.")
