import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from connectors_app.choices import Role
from connectors_app.management import demo
from connectors_app.models import Connector, Member, Organization
from connectors_app.sandbox import SandboxServer
from connectors_app.services.api_keys import store_key
from connectors_app.services.inboxes import look_at_inboxes
from connectors_app.services.upstream import UpstreamError

ORGANIZATION = "Demo Research"


CAST = {"alice": Role.ANALYST, "bob": Role.ANALYST, "adam": Role.ADMIN, "sam": Role.SUPPORT}


class Command(BaseCommand):
    help = (
        "Makes a demo organization whose members have keys of the sandbox. Does nothing where the upstream API "
        "is not a server on this machine. The members' password is DEMO_PASSWORD."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        url = urlsplit(settings.BIGDATA_API_BASE_URL)
        if url.hostname not in {"127.0.0.1", "localhost"} or not url.port:
            self.stdout.write("No demo: BIGDATA_API_BASE_URL is not a sandbox on this machine.")
            return
        password = os.environ.get("DEMO_PASSWORD") or secrets.token_urlsafe(9)
        organization, _ = Organization.objects.get_or_create(name=ORGANIZATION)
        members = [_member(name, role, organization, password) for name, role in CAST.items()]
        keyless = [member for member in members if member.key is None]
        if keyless:
            with _sandbox(url.port):
                is_new = not Connector.objects.filter(organization=organization).exists()
                if is_new:
                    demo.plant(settings.BIGDATA_API_BASE_URL)
                for member in keyless:
                    self._give_key(member)
                if is_new:
                    look_at_inboxes(now=timezone.now(), at_most=len(demo.CONNECTORS))
                    demo.add_histories(organization)
        self._print_sign_ins(members, password)

    def _give_key(self, member: Member) -> None:
        try:
            store_key(member, f"sandbox-{member.email.partition('@')[0]}")
        except UpstreamError as error:
            raise CommandError(f"The sandbox did not take the demo key: {error.message}") from None

    def _print_sign_ins(self, members: list[Member], password: str) -> None:
        self.stdout.write(f"\nDemo sign-ins at {settings.SITE_URL} (password: {password})\n")
        for member in members:
            self.stdout.write(f"  {member.email:<24} {member.get_role().label}")
        self.stdout.write("")


def _member(name: str, role: Role, organization: Organization, password: str) -> Member:
    email = f"{name}@demo.example"
    member = Member.objects.select_related("organization", "api_key").filter(email=email).first()
    if member is None:
        return Member.objects.create_member(email=email, organization=organization, role=role, password=password)
    if not member.check_password(password):
        member.set_password(password)
        member.save(update_fields=["password"])
    return member


@contextmanager
def _sandbox(port: int) -> Iterator[None]:
    """The sandbox that runs there, or one for the moment on the state that it will find."""
    with socket.socket() as probe:
        runs = probe.connect_ex(("127.0.0.1", port)) == 0
    if runs:
        yield
        return
    with SandboxServer(Path(settings.VAR_DIR) / "sandbox.sqlite3", port):
        yield
