"""Making messages: what happens together is told together, and each incident in the order in which it went."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max

from connectors_app.choices import ChannelKind, EventKind
from connectors_app.models import Channel, Delivery, Notice
from connectors_app.services.alerts import wording

# More of the same is waited for while it keeps coming, but no longer than a round of polling takes.
SETTLE = timedelta(minutes=1)
GIVE_UP_AFTER = timedelta(days=1)
AT_MOST_IN_ONE = 500
_Bucket = tuple[int, str]


def longest_wait() -> timedelta:
    return timedelta(seconds=1.2 * settings.POLL_INTERVAL) + SETTLE


def pack(organization_id: int, *, now: datetime) -> list[Delivery]:
    """Put into messages what need not wait any longer. Within the organization's turn."""
    unsent = Notice.objects.filter(channel__organization=organization_id, delivery=None)
    unsent = unsent.select_related("channel", "event__incident").order_by("event__number", "event__at")
    by_channel: dict[Channel, list[Notice]] = defaultdict(list)
    for notice in unsent:
        by_channel[notice.channel].append(notice)
    return [delivery for channel, notices in by_channel.items() for delivery in _pack(channel, notices, now=now)]


def _pack(channel: Channel, notices: list[Notice], *, now: datetime) -> list[Delivery]:
    if channel.kind != ChannelKind.WEBHOOK:
        notices = _without_what_came_and_went(notices)
    buckets = _buckets(notices)
    due = [bucket for bucket, inside in buckets.items() if _is_ripe(inside, now=now)]
    due = _with_what_came_before(due, buckets)
    number = Delivery.objects.filter(channel=channel).aggregate(last=Max("number"))["last"] or 0
    made = []
    for bucket in sorted(due, key=lambda each: (each[0], min(notice.event.at for notice in buckets[each]))):
        inside = sorted(buckets[bucket], key=lambda notice: notice.event.at)
        for first in range(0, len(inside), AT_MOST_IN_ONE):
            number += 1
            made.append(_deliver(channel, inside[first : first + AT_MOST_IN_ONE], number, now=now))
    return made


def _without_what_came_and_went(notices: list[Notice]) -> list[Notice]:
    """People are spared what was over before they were told of it."""
    of_incident: dict[object, list[Notice]] = defaultdict(list)
    for notice in notices:
        of_incident[notice.event.incident_id].append(notice)
    over = [
        notice
        for each in of_incident.values()
        if (each[0].event.kind, each[-1].event.kind) == (EventKind.OPENED, EventKind.CLOSED)
        for notice in each
    ]
    Notice.objects.filter(pk__in=[notice.pk for notice in over]).delete()
    spared = {notice.pk for notice in over}
    return [notice for notice in notices if notice.pk not in spared]


def _buckets(notices: Iterable[Notice]) -> dict[_Bucket, list[Notice]]:
    """What goes into one message: the same group, and as many earlier events of the incident not told yet.

    Earlier by number: a clock may have been set back meanwhile.
    """
    earlier: dict[object, int] = defaultdict(int)
    buckets: dict[_Bucket, list[Notice]] = defaultdict(list)
    for notice in notices:
        incident = notice.event.incident_id
        buckets[earlier[incident], notice.group].append(notice)
        earlier[incident] += 1
    return buckets


def _is_ripe(notices: list[Notice], *, now: datetime) -> bool:
    if any(notice.not_before is not None and notice.not_before > now for notice in notices):
        return False
    moments = [notice.event.at for notice in notices]
    return max(moments) <= now - SETTLE or min(moments) <= now - longest_wait()


def _with_what_came_before(due: list[_Bucket], buckets: dict[_Bucket, list[Notice]]) -> list[_Bucket]:
    place = {
        (n.event.incident_id, level): (level, group) for (level, group), each in buckets.items() for n in each
    }
    found = dict.fromkeys(due)
    for level in range(max((bucket[0] for bucket in due), default=0), 0, -1):
        for bucket in [each for each in found if each[0] == level]:
            found.update(dict.fromkeys(place[n.event.incident_id, level - 1] for n in buckets[bucket]))
    return list(found)


def _deliver(channel: Channel, notices: list[Notice], number: int, *, now: datetime) -> Delivery:
    body = wording.body_of([notice.event for notice in notices])
    delivery = Delivery.objects.create(
        channel=channel,
        number=number,
        subject=wording.subject_of(body),
        body=body,
        created_at=now,
        give_up_at=now + GIVE_UP_AFTER,
    )
    Notice.objects.filter(pk__in=[notice.pk for notice in notices]).update(delivery=delivery)
    return delivery
