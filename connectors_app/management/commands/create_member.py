import os
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from connectors_app.choices import Role
from connectors_app.models import Member, Organization
from connectors_app.services.members import set_password_path


class Command(BaseCommand):
    help = "Creates a member. The password comes from MEMBER_PASSWORD; without it, an invitation link is printed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("--organization", required=True, metavar="NAME")
        parser.add_argument("--role", required=True, choices=Role.values)

    def handle(self, *args: Any, **options: Any) -> None:
        organization = Organization.objects.filter(name=options["organization"]).first()
        if organization is None:
            raise CommandError(f"There is no organization “{options['organization']}”.")
        password = os.environ.get("MEMBER_PASSWORD") or None
        try:
            if password:
                validate_password(password, Member(email=options["email"]))
            member = Member.objects.create_member(
                email=options["email"], organization=organization, role=options["role"], password=password
            )
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from None
        self.stdout.write(f"{member.email} is now {member.get_role().label.lower()} of “{organization}”.")
        if not password:
            self.stdout.write(f"They choose a password at: {settings.SITE_URL}{set_password_path(member)}")
