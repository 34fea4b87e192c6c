import getpass
import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from connectors_app.forms.api_key import ApiKeyForm
from connectors_app.models import Member
from connectors_app.services.api_keys import store_key
from connectors_app.services.upstream import KeyProblem, UpstreamError


class Command(BaseCommand):
    help = (
        "Stores a member's Bigdata.com API key after checking it with Bigdata.com. The key comes from "
        "BIGDATA_API_KEY or a prompt, never from an argument: other users of a machine see those."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL")

    def handle(self, *args: Any, **options: Any) -> None:
        member = Member.objects.filter(email__iexact=options["email"]).first()
        if member is None:
            raise CommandError(f"There is no member {options['email']}.")
        value = os.environ.get("BIGDATA_API_KEY") or getpass.getpass("API key: ")
        form = ApiKeyForm({"api_key": value})
        if not form.is_valid():
            raise CommandError(" ".join(str(error) for error in form.errors["api_key"]))
        try:
            api_key = store_key(member, form.cleaned_data["api_key"])
        except (UpstreamError, KeyProblem) as error:
            raise CommandError(f"Nothing was stored. {error.message}") from None
        seen = api_key.sightings.count()
        self.stdout.write(f"Stored the key of {member.email} ending in {api_key.last_four}; it sees {seen}.")
