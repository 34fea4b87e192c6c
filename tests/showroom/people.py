"""The showroom's people, their keys and how they sign in."""

import time
from datetime import timedelta

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.test import Client
from django.utils import timezone

from connectors_app.models import ApiKey, Member, Organization
from connectors_app.services.api_keys import store_key
from tests.showroom.pages import PEOPLE
from tests.showroom.security_keys import credential

# What an authenticator app would keep.
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def add_members(organization: Organization) -> dict[str, Member]:
    now = timezone.now()

    def make(name: str, role: str = "analyst", where: Organization = organization) -> Member:
        return Member.objects.create_member(
            email=f"{name}@demo.example", organization=where, role=role, password="correct horse battery"
        )

    members = {member.email.partition("@")[0]: member for member in organization.members.all()}
    elsewhere = Organization.objects.create(name="Quiet Bay")
    members |= {"nina": make("nina"), "mona": make("mona"), "lena": make("lena"), "rolf": make("rolf")}
    members["edda"] = make("edda", "admin", elsewhere)
    for name in ("mona", "lena", "rolf"):
        store_key(members[name], f"sandbox-{name}")
    Member.objects.filter(email__startswith="lena").update(is_active=False, deactivated_at=now)
    ApiKey.objects.filter(member=members["lena"]).update(status="disabled", disabled_at=now)
    stopped = {"verified_at": now - timedelta(days=30), "last_used_at": now - timedelta(days=1)}
    mona, rolf = (ApiKey.objects.filter(member=members[name]) for name in ("mona", "rolf"))
    mona.update(status="rejected", rejected_at=now - timedelta(hours=2), **stopped)
    rolf.update(status="disabled", disabled_at=now - timedelta(days=1), **stopped)
    ApiKey.objects.filter(member=members["alice"]).update(expires_on=(now + timedelta(days=200)).date())
    TOTP.activate(members["mona"], TOTP_SECRET)
    RecoveryCodes.activate(members["mona"])
    key = {"name": "Blue key", "credential": credential()}
    Authenticator.objects.create(user=members["mona"], type="webauthn", data=key)
    return members


def sessions_of(members: dict[str, Member]) -> dict[str, str]:
    """The cookie of each who is signed in. Alice is so elsewhere too."""
    for user_agent in (
        "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0",
        "Mozilla/5.0 (iPhone) Version/26.0 Safari/605",
    ):
        _session(members["alice"], user_agent)
    return {name: _session(members[name]) for name in PEOPLE if name in members}


def _session(member: Member, user_agent: str = "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0") -> str:
    client = Client()
    client.force_login(member, backend=settings.AUTHENTICATION_BACKENDS[0])
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
    session["account_authentication_methods_user"] = str(member.pk)
    session.save()
    UserSession.objects.create(
        user=member, ip="203.0.113.7", user_agent=user_agent, session_key=session.session_key
    )
    return str(session.session_key)
