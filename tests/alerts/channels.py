"""What the tests of the channels' pages share."""

import time
from typing import Any

from django.db.models import Max
from django.test import Client
from django.utils import timezone

from connectors_app.choices import AuditAction, DeliveryStatus
from connectors_app.models import AuditEntry, Channel, Delivery, Member
from connectors_app.services.alerts import wording
from connectors_app.services.alerts.packing import GIVE_UP_AFTER
from connectors_app.services.sessions import USED_AT
from tests.alerts.conftest import Receiver

CHANNELS = "/alerts/channels/"
NEW = f"{CHANNELS}new/"


def addresses(receiver: Receiver) -> dict[str, dict[str, str]]:
    """What to type for where the messages go, by kind of channel."""
    return {
        "email": {"email": "desk@example.com"},
        "webhook": {"url": receiver.url},
        "slack": {"url": receiver.url},
    }


def make_delivery(channel: Channel, status: str = DeliveryStatus.WAITING, **fields: Any) -> Delivery:
    """The next message of the channel's line, made just now."""
    now, last = timezone.now(), channel.deliveries.aggregate(last=Max("number"))["last"] or 0
    finished = None if status == DeliveryStatus.WAITING else now
    usual = {"finished_at": finished, "give_up_at": now + GIVE_UP_AFTER, "body": wording.test_body()}
    told = {"number": last + 1, "subject": f"Message {last + 1}", "status": status}
    return Delivery.objects.create(channel=channel, **(usual | told | fields))


def recorded(action: AuditAction) -> list[tuple[Member | None, str, dict[str, Any]]]:
    """Who did it, to what, and the details."""
    entries = AuditEntry.objects.filter(action=action).order_by("pk")
    return [(entry.actor, entry.target_name, entry.details) for entry in entries]


def old_sign_in(client: Client) -> None:
    """As if they had signed in an hour ago, and clicked since."""
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time() - 3600}]
    session[USED_AT] = int(time.time())
    session.save()
