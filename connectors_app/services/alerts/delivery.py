"""Sending messages: each channel's one after the other, each at least once and always with the same id."""

import json
import logging
import random
import time
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from connectors_app.choices import ChannelKind, DeliveryStatus
from connectors_app.encryption import Undecryptable, key_ring
from connectors_app.models import Channel, Delivery
from connectors_app.services import mail
from connectors_app.services.alerts import wording
from connectors_app.services.alerts.packing import GIVE_UP_AFTER
from connectors_app.webhooks import Refused, Undelivered, post, signature

logger = logging.getLogger(__name__)

_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=4)
_UNREADABLE = "The stored address can't be read. Enter it again."


def due_channels(*, now: datetime) -> list[UUID]:
    """The channels that have something to send and may be tried now, the longest waiting first."""
    waiting = Delivery.objects.filter(channel=OuterRef("pk"), status=DeliveryStatus.WAITING)
    due = Channel.objects.filter(_free(now), Exists(waiting), is_enabled=True)
    return list(due.order_by("next_try_at", "created_at").values_list("pk", flat=True))


def deliver_due(*, seconds: float = 20) -> bool:
    """Send what waits, for about so long. Returns whether there is more that may be sent at once.

    What goes wrong with one channel in a way that nobody foresaw must not keep messages from the others.
    """
    give_way_at = time.monotonic() + seconds
    for channel_id in due_channels(now=timezone.now()):
        if time.monotonic() > give_way_at:
            return True
        try:
            deliver(channel_id)
        except Exception:
            logger.exception("messages of channel %s can't be sent", channel_id)
            Channel.objects.filter(pk=channel_id).update(next_try_at=timezone.now() + _LONGEST_WAIT)
    return bool(due_channels(now=timezone.now()))


def deliver(channel_id: UUID, *, seconds: float = 20) -> int:
    """Send the channel's waiting messages in order, until one can't be sent or time is up. Returns how many went.

    A worker that dies leaves a lease that runs out; then the message that it was at is sent again.
    """
    sent, give_way_at, lease = 0, time.monotonic() + seconds, None
    while time.monotonic() < give_way_at:
        lease = _take_lease(channel_id, held=lease)
        if lease is None:
            return sent
        delivery = _next(channel_id)
        if delivery is None or not attempt(delivery):
            break
        sent += 1
    Channel.objects.filter(pk=channel_id, lease_until=lease).update(lease_until=None)
    return sent


def replay(delivery: Delivery, *, now: datetime) -> bool:
    """Put a message that was given up back into its line, with the same id. Returns whether it was one."""
    given_up = Delivery.objects.filter(pk=delivery.pk, status=DeliveryStatus.GIVEN_UP)
    until = now + GIVE_UP_AFTER
    if not given_up.update(status=DeliveryStatus.WAITING, give_up_at=until, finished_at=None):
        return False
    Channel.objects.filter(pk=delivery.channel_id).update(next_try_at=None, failures=0)
    return True


def send(delivery: Delivery) -> None:
    """Send one message, saved or not. Raises Undelivered, Refused, and OSError where no mail server takes it."""
    channel = delivery.channel
    if channel.kind == ChannelKind.EMAIL:
        text, page = wording.mail_of(delivery)
        to = channel.member.email if channel.member is not None else channel.email
        host = settings.SITE_URL.partition("//")[2].partition(":")[0]
        message_id = f"<{delivery.pk}@{host}>"
        mail.send(to=to, subject=delivery.subject, text=text, page=page, message_id=message_id)
        return
    words = wording.slack_of(delivery) if channel.kind == ChannelKind.SLACK else wording.json_of(delivery)
    body = json.dumps(words, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json"}
    url = key_ring().decrypt(channel.url_ciphertext, channel.url_place)
    if channel.kind == ChannelKind.WEBHOOK:
        secret = key_ring().decrypt(channel.secret_ciphertext, channel.secret_place)
        headers |= {
            "X-Event-Id": str(delivery.pk),
            "X-Signature": signature(secret, body, timestamp=int(time.time())),
        }
    post(url, body, headers, allowed_hosts=settings.WEBHOOK_ALLOWED_HOSTS)


def outcome_of(delivery: Delivery) -> Undelivered | None:
    """Send it. What went wrong, or None."""
    try:
        send(delivery)
    except Undelivered as error:
        return error
    except Refused as error:
        return Undelivered(str(error), can_retry=False)
    except Undecryptable:
        return Undelivered(_UNREADABLE, can_retry=False)
    except OSError as error:
        # Not the server's words: those may repeat the mail.
        logger.warning("a mail was not taken: %s", type(error).__name__)
        return Undelivered("No mail server has taken it", can_retry=True)
    return None


def attempt(delivery: Delivery) -> bool:
    """Send one message and note how it went. Returns whether its line may go on: it was delivered, or given up."""
    trouble, now = outcome_of(delivery), timezone.now()
    tried = {"attempts": delivery.attempts + 1, "last_tried_at": now, "message": str(trouble or "")}
    # Meanwhile its channel may have been removed; or this worker was slow, and another has taken over.
    waiting = Delivery.objects.filter(pk=delivery.pk, status=DeliveryStatus.WAITING)
    channel = Channel.objects.filter(pk=delivery.channel_id)
    if trouble is not None and trouble.can_retry and now < delivery.give_up_at:
        failures = delivery.channel.failures + 1
        if waiting.update(**tried):
            channel.update(failures=failures, next_try_at=now + _wait(failures, trouble.retry_after))
        return False
    status = DeliveryStatus.GIVEN_UP if trouble else DeliveryStatus.DELIVERED
    if not waiting.update(**tried, status=status, finished_at=now):
        return False
    channel.update(failures=0, next_try_at=None)
    return True


def _wait(failures: int, retry_after: float | None) -> timedelta:
    """Twice as long each time, half of it by chance, so that not all come back at once."""
    longest: timedelta = min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** min(failures - 1, 20))
    wait = longest * random.uniform(0.5, 1)  # noqa: S311  (jitter, not a secret)
    return max(wait, timedelta(seconds=retry_after or 0))


def _next(channel_id: UUID) -> Delivery | None:
    waiting = Delivery.objects.filter(channel=channel_id, status=DeliveryStatus.WAITING)
    return waiting.select_related("channel__member", "channel__organization").order_by("number").first()


def _take_lease(channel_id: UUID, *, held: datetime | None) -> datetime | None:
    """The lease anew, or None where it is another worker's."""
    now = timezone.now()
    until = now + timedelta(seconds=settings.DELIVERY_LEASE)
    mine = Q(lease_until=held) if held is not None else _free(now)
    taken = Channel.objects.filter(mine, pk=channel_id, is_enabled=True).update(lease_until=until)
    return until if taken else None


def _free(now: datetime) -> Q:
    not_leased = Q(lease_until=None) | Q(lease_until__lt=now)
    return not_leased & (Q(next_try_at=None) | Q(next_try_at__lte=now))
