import os
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction

from connectors_app.choices import AuditAction, Role
from connectors_app.models import Member, Organization
from connectors_app.services import audit
from connectors_app.services.invitations import AlreadyMember, invite


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
        email, role = options["email"].strip().lower(), Role(options["role"])
        password = os.environ.get("MEMBER_PASSWORD")
        try:
            if password:
                self._create(email, organization, role, password)
            else:
                self._invite(email, organization, role)
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from None
        except AlreadyMember as refusal:
            raise CommandError(refusal.message) from None

    def _create(self, email: str, organization: Organization, role: Role, password: str) -> None:
        validate_password(password, Member(email=email))
        with transaction.atomic():
            member = Member.objects.create_member(
                email=email, organization=organization, role=role, password=password
            )
            details = {"role": role.value}
            audit.record(AuditAction.MEMBER_CREATED, organization=organization, target=member, details=details)
        self.stdout.write(f"{member.email} is now {role.label.lower()} of “{organization}”.")

    def _invite(self, email: str, organization: Organization, role: Role) -> None:
        validate_email(email)
        if Member.objects.filter(email=email).exclude(organization=organization).exists():
            raise CommandError(f"{email} is a member of another organization.")
        issued = invite(organization=organization, email=email, role=role)
        self.stdout.write(f"{email} is invited as {role.label.lower()} of “{organization}”.")
        self.stdout.write(f"They join, once and within seven days, at: {issued.link}")
