"""Setting up where messages go."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from connectors_app.choices import AuditAction, ChannelKind
from connectors_app.models import Channel, Delivery, Member, Organization
from connectors_app.services import audit
from connectors_app.services.alerts import wording
from connectors_app.services.alerts.delivery import outcome_of
from connectors_app.services.alerts.routing import own_channel
from connectors_app.webhooks import HostNotFound, Refused, check_url

__all__ = [
    "ChannelValues",
    "NameTaken",
    "Refused",
    "add",
    "change",
    "check_address",
    "remove",
    "renew_secret",
    "send_test",
]

_TOLD_OF = ("name", "email", "url_host", "is_enabled", "kinds", "types", "causes", "owners")


class NameTaken(Exception):
    """Names tell an organization's channels apart."""


@dataclass(frozen=True, slots=True)
class ChannelValues:
    """What a form asks for. `url`: empty keeps the one that is there."""

    name: str
    email: str = ""
    url: str = ""
    is_enabled: bool = True
    rules: Mapping[str, list[Any]] = field(default_factory=dict)


def check_address(url: str) -> None:
    """Raises Refused, with a message for people, where nothing could ever be sent."""
    check_url(url, allowed_hosts=settings.WEBHOOK_ALLOWED_HOSTS)


def add(
    organization: Organization,
    kind: ChannelKind,
    values: ChannelValues,
    *,
    by: Member,
    test_failed: bool = False,
) -> tuple[Channel, str]:
    """Returns the channel, and the key for its signatures (webhooks): to be shown now and never again.

    `test_failed`: so did a test of it before. Raises NameTaken where another channel has the name: a form that is
    sent twice adds one.
    """
    channel = Channel(organization=organization, kind=kind, test_failed_at=timezone.now() if test_failed else None)
    secret = _take_in(channel, values)
    with transaction.atomic():
        Organization.lock(organization.pk)
        if Channel.objects.filter(organization=organization, member=None, name=values.name).exists():
            raise NameTaken("Another channel has this name. Choose one that tells them apart.")
        channel.save(force_insert=True)
        _record(AuditAction.CHANNEL_ADDED, channel, by)
    return channel, secret


def change(channel: Channel, values: ChannelValues, *, by: Member) -> None:
    """Sent twice it is one change."""
    with transaction.atomic():
        channel = Channel.objects.select_for_update(no_key=True).get(pk=channel.pk)
        before = {name: getattr(channel, name) for name in _TOLD_OF}
        _take_in(channel, values)
        changes = {name: [was, getattr(channel, name)] for name, was in before.items()}
        changes = {name: each for name, each in changes.items() if each[0] != each[1]}
        if not changes and not values.url:
            return
        channel.failures, channel.next_try_at = 0, None
        if values.url or "email" in changes:
            channel.test_failed_at = None
        channel.save()
        _record(AuditAction.CHANNEL_CHANGED, channel, by, changes=changes)


def renew_secret(channel: Channel, *, by: Member) -> str:
    """Another key for signatures: to be shown now and never again. The old one ends at once."""
    with transaction.atomic():
        secret = _new_secret(channel)
        channel.save(update_fields=["secret_ciphertext"])
        _record(AuditAction.CHANNEL_CHANGED, channel, by, changes={"secret": ["•••", "renewed"]})
    return secret


def remove(channel: Channel, *, by: Member) -> None:
    """With its messages, those that wait included."""
    with transaction.atomic():
        _record(AuditAction.CHANNEL_REMOVED, channel, by)
        channel.delete()


def send_test(organization: Organization, kind: ChannelKind, values: ChannelValues) -> str:
    """Send a test message to what is not saved (yet). Returns what went wrong, or nothing."""
    channel = Channel(organization=organization, kind=kind)
    _take_in(channel, values)
    return _test(channel)


def test(channel: Channel) -> str:
    """Send a test message now, and note whether it failed. Returns what went wrong, or nothing."""
    trouble = _test(channel)
    failed_at = timezone.now() if trouble else None
    Channel.objects.filter(pk=channel.pk).update(test_failed_at=failed_at)
    return trouble


def _test(channel: Channel) -> str:
    body = wording.test_body()
    now = timezone.now()
    delivery = Delivery(channel=channel, number=0, subject=wording.TEST_SUBJECT, body=body, give_up_at=now)
    trouble = outcome_of(delivery)
    if isinstance(trouble, HostNotFound):
        return f"The host {channel.url_host} was not found, so nothing was sent. Check how the address is spelt."
    return str(trouble or "")


def choose(member: Member, choices: Mapping[str, str], *, quiet_from: time | None, quiet_to: time | None) -> None:
    """How soon a member wants to hear of each kind of incident, and when no mail is to come."""
    channel = own_channel(member)
    channel.choices, channel.quiet_from, channel.quiet_to = dict(choices), quiet_from, quiet_to
    channel.save(update_fields=["choices", "quiet_from", "quiet_to"])


def _take_in(channel: Channel, values: ChannelValues) -> str:
    channel.name, channel.email, channel.is_enabled = values.name, values.email, values.is_enabled
    for name in ("kinds", "types", "causes", "owners"):
        setattr(channel, name, list(values.rules.get(name, [])))
    if values.url:
        channel.seal_url(values.url, host=urlsplit(values.url).netloc)
    is_new_webhook = channel.kind == ChannelKind.WEBHOOK and not channel.secret_ciphertext
    return _new_secret(channel) if is_new_webhook else ""


def _new_secret(channel: Channel) -> str:
    secret = f"whsec_{secrets.token_urlsafe(32)}"
    channel.seal_secret(secret)
    return secret


def _record(action: AuditAction, channel: Channel, by: Member, **details: Any) -> None:
    audit.record(
        action,
        organization=channel.organization,
        actor=by,
        target_type="channel",
        target_id=channel.pk,
        target_name=channel.name,
        details=details or {"kind": channel.kind},
    )
