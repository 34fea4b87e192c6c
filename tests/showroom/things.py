"""Fills the database of a showroom, and tells its pages and everybody's session.

For `manage.py shell`, in the environment that the dashboard is served with; the sandbox runs.
"""

import json
import logging
import sys
from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from connectors_app.choices import State
from connectors_app.models import (
    Channel,
    Connector,
    Delivery,
    Incident,
    Member,
    Organization,
)
from connectors_app.services.inboxes import look_at_inboxes
from connectors_app.services.invitations import invite
from tests.showroom.pages import looks
from tests.showroom.people import add_members, sessions_of
from tests.showroom.planting import plant_more
from tests.showroom.work import add_bulks, add_operations

NOW = timezone.now()


def main() -> None:
    logging.disable(logging.WARNING)
    call_command("migrate", verbosity=0)
    call_command("seed_demo", stdout=StringIO())
    plant_more(settings.BIGDATA_API_BASE_URL)
    organization = Organization.objects.get()
    call_command("poll", "--once", stdout=StringIO())
    look_at_inboxes(now=timezone.now(), at_most=50)
    members = add_members(organization)
    # Before the link to a new password is made, which a sign-in makes void.
    sessions = sessions_of(members)
    about = _connectors(organization, members) | _people(organization, members) | _alerts(organization)
    about |= add_bulks(organization, members["alice"]) | add_operations(organization, members["alice"])
    sys.stdout.write(json.dumps({"pages": _pages(about), "sessions": sessions}))


def _connectors(organization: Organization, members: dict[str, Member]) -> dict[str, dict[str, Any]]:
    labels = {
        "inbox": "Equity research, Europe",
        "broker-notes": "Harbour Securities daily",
        "library": "Deal documents",
        "failing": "Meridian credit notes",
        "session-ended": "Compliance archive",
        "stale": "Macro newsletters",
        "never-synced": "New broker",
        "syncing": "Ostrava Capital",
        "deleting": "Wrong broker",
        "archived": "Old deal room",
        "unknown-type": "Team channel",
    }
    found = {name: organization.connectors.get(label=label) for name, label in labels.items()}
    found["long"] = organization.connectors.get(label__startswith="All that")
    found["gone"] = _unseen(organization, members["alice"], "Forgotten feed", state=State.GONE, gone_at=NOW)
    found["key-rejected"] = _unseen(organization, members["mona"], "Mona's inbox", state=State.KEY_REJECTED)
    found["syncing"].sync_asked_at = NOW
    found["deleting"].deletion_asked_at = NOW
    for name in ("syncing", "deleting"):
        found[name].settle_state(seen_by_working_key=True, now=NOW)
        found[name].save()
    return {name: {"connector_id": str(connector.connector_id)} for name, connector in found.items()}


def _unseen(organization: Organization, owner: Member, label: str, **fields: Any) -> Connector:
    """A connector that no key sees."""
    began = NOW - timedelta(days=20)
    return Connector.objects.create(
        organization=organization,
        connector_id=uuid4(),
        type="email",
        label=label,
        sort_label=label.lower(),
        config={"allowed_emails": ["news@desk.example"], "email": "0a1b2c3d4e5f@bigdata.com"},
        bigdata_user_id=owner.bigdata_user_id or f"user_{owner.email.partition('@')[0]}",
        bigdata_org_id="org_id_001",
        created_at=began,
        updated_at=began,
        refreshed_at=began,
        **({"share_with_org": True} | fields),
    )


def _people(organization: Organization, members: dict[str, Member]) -> dict[str, dict[str, Any]]:
    adam, alice, mona = members["adam"], members["alice"], members["mona"]
    issued = [
        invite(organization=organization, email=f"{name}@demo.example", role="analyst", invited_by=adam)
        for name in ("carl", "dina")
    ]
    tokens = [each.link.rstrip("/").rpartition("/")[2] for each in issued]
    issued[1].invitation.revoked_at = NOW
    issued[1].invitation.save()
    mona.bigdata_user_id = "user_mona"
    mona.save()
    reset = {"uidb36": user_pk_to_url_str(alice), "key": default_token_generator.make_token(alice)}
    return {
        "email": {"type_key": "email"},
        "broker": {"type_key": "investment_research"},
        "sharepoint": {"type_key": "sharepoint"},
        "colleague": {"member_id": members["bob"].pk},
        "deactivated": {"member_id": members["lena"].pk},
        "new-role": {"member_id": members["bob"].pk, "role": "support"},
        "working-key": {"key_id": str(members["bob"].key.pk)},
        "disabled-key": {"key_id": str(members["rolf"].key.pk)},
        "security-key": {"pk": Authenticator.objects.get(user=mona, type="webauthn").pk},
        "invitation": {"token": tokens[0]},
        "not-open": {"token": tokens[1]},
        "reset": reset,
        "reset-used": reset | {"key": "abc-def"},
    }


def _alerts(organization: Organization) -> dict[str, dict[str, Any]]:
    """Channels with messages; one incident that is acknowledged, one that is snoozed, one that is over."""
    webhook = Channel(organization=organization, kind="webhook", name="Our incident tracker", kinds=["failing"])
    webhook.seal_url("https://hooks.tracker.example/in/7", host="hooks.tracker.example")
    webhook.seal_secret("whsec_only-for-the-showroom")
    webhook.save()
    mail = Channel.objects.create(
        organization=organization, kind="email", name="Research desk", email="desk@demo.example"
    )
    for number, (channel, status) in enumerate(
        [(mail, "delivered"), (mail, "waiting"), (webhook, "delivered"), (webhook, "given_up")]
    ):
        Delivery.objects.create(
            channel=channel,
            number=number,
            subject="Failing: Meridian credit notes",
            body={},
            status=status,
            created_at=NOW - timedelta(hours=9 - number),
            attempts=1,
            last_tried_at=NOW - timedelta(hours=8 - number),
            finished_at=None if status == "waiting" else NOW - timedelta(hours=8 - number),
            give_up_at=NOW + timedelta(days=1),
            message="" if status == "delivered" else "503 Service Unavailable",
        )
    incidents = list(organization.incidents.open().order_by("opened_at"))
    adam = organization.members.get(email__startswith="adam")
    _change(incidents[0], acknowledged_at=NOW, acknowledged_by=adam)
    soon = NOW + timedelta(days=3)
    _change(incidents[-1], snoozed_until=soon, snoozed_by=adam, snooze_reason="The broker is moving house")
    over = NOW - timedelta(days=3)
    Incident.objects.create(
        organization=organization,
        connector=organization.connectors.get(label="Harbour Securities daily"),
        kind="failing",
        opened_at=over - timedelta(hours=30),
        last_seen_at=over,
        closed_at=over,
        ending="recovered",
    )
    return {
        "email-channel": {"kind": "email"},
        "webhook-channel": {"kind": "webhook"},
        "slack-channel": {"kind": "slack"},
        "channel": {"channel_id": str(webhook.pk)},
        "incident": {"incident_id": str(incidents[1].pk)},
        "error": {"group_id": str(organization.connectors.get(label="Meridian credit notes").error_group_id)},
    }


def _change(incident: Incident, **fields: Any) -> None:
    Incident.objects.filter(pk=incident.pk).update(**fields)


def _pages(about: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Of each page what `Shown` has."""
    about = about | {"-": {}}
    found = []
    for look in looks():
        no_address = look.name.startswith("-")
        path = look.name.replace("-", "/", 1) if no_address else reverse(look.name, kwargs=about[look.about])
        told = {"picture": look.picture, "who": look.who, "is_first": look.is_first}
        found.append(told | {"path": path + look.query})
    return found
