"""Channels as people read them: what they hear of, and how the last message fared."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from connectors_app.choices import Cause, DeliveryStatus, IncidentKind
from connectors_app.connector_types import type_label
from connectors_app.models import Channel, Delivery, Member, Organization

_NAMED_AT_MOST = 3
_SOON = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a message fared. `at`: when, or when it is tried again; None where the words alone say it."""

    look: Any
    text: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Row:
    channel: Channel
    rules: str
    outcome: Outcome | None


def rows_of(organization: Organization) -> list[Row]:
    """The organization's channels by name."""
    own = Delivery.objects.filter(channel=OuterRef("pk"))
    waiting = own.filter(status=DeliveryStatus.WAITING).order_by("number").values("pk")[:1]
    newest = own.order_by("-created_at").values("pk")[:1]
    channels = Channel.objects.filter(organization=organization, member=None).order_by("name", "created_at")
    channels = channels.annotate(
        waits=Subquery(waiting.values("pk")[:1]), newest=Subquery(newest.values("pk")[:1])
    )
    # What waits comes first: it holds up the others.
    telling = {channel.pk: channel.waits or channel.newest for channel in channels}
    deliveries = Delivery.objects.defer("body").in_bulk([each for each in telling.values() if each])
    emails = _emails(organization, channels)
    return [
        Row(each, rules_of(each, emails), _outcome(each, deliveries.get(telling[each.pk]))) for each in channels
    ]


def rules_of(channel: Channel, emails: dict[int, str]) -> str:
    """Such as "Failing, Stale of Broker research"."""
    words = _listed([IncidentKind(each).label for each in channel.kinds], _NAMED_AT_MOST + 1) or "Everything"
    if channel.types:
        words += f" of {_listed(list(map(type_label, channel.types)))}"
    if channel.causes:
        words += f"; cause: {_listed([Cause(each).label for each in channel.causes])}"
    if channel.owners:
        words += f"; owner: {_listed([emails.get(each, 'somebody who left') for each in channel.owners])}"
    return words


def outcome_of(delivery: Delivery, channel: Channel) -> Outcome:
    if delivery.status == DeliveryStatus.DELIVERED:
        return Outcome(delivery.look, "Delivered", delivery.finished_at)
    if delivery.status == DeliveryStatus.GIVEN_UP:
        return Outcome(delivery.look, f"Failed: {_inside(delivery.message)}, given up", delivery.finished_at)
    if not channel.is_enabled:
        return Outcome(delivery.look, "Waiting until the channel sends messages again")
    if not delivery.attempts:
        return Outcome(delivery.look, "Waiting to be sent")
    trouble = f"Waiting: {_inside(delivery.message)}, next try"
    if channel.next_try_at is None or channel.next_try_at < timezone.now() + _SOON:
        return Outcome(delivery.look, f"{trouble} within a minute")
    return Outcome(delivery.look, trouble, channel.next_try_at)


def _outcome(channel: Channel, delivery: Delivery | None) -> Outcome | None:
    return outcome_of(delivery, channel) if delivery else None


def _emails(organization: Organization, channels: Iterable[Channel]) -> dict[int, str]:
    owners = {owner for channel in channels for owner in channel.owners}
    return dict(Member.objects.filter(organization=organization, pk__in=owners).values_list("pk", "email"))


def _listed(words: Sequence[str], at_most: int = _NAMED_AT_MOST) -> str:
    more = len(words) - at_most
    return ", ".join(words[:at_most]) + (f" and {more} more" if more > 0 else "")


def _inside(message: str) -> str:
    """A message as a part of a sentence."""
    return (message[:1].lower() + message[1:]).rstrip(".")
