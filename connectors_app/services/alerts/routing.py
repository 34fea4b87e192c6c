"""Who hears of what happened: the organization's channels by their rules, and the members concerned."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from connectors_app.choices import ChannelKind, EventKind, NotifyWhen
from connectors_app.models import Channel, Connector, Follow, Incident, IncidentEvent, Member, Notice

DIGEST = "digest"
DIGEST_AT = time(8)
MaySee = Callable[[Member, Connector], bool]


def route(organization_id: int, *, now: datetime, may_see: MaySee, at_most: int = 1000) -> int:
    """Note for each channel what it is to hear of. Returns of how many events. Within the organization's turn.

    `may_see` tells whether a member who follows a connector may (still) see it.
    """
    unrouted = IncidentEvent.objects.filter(organization=organization_id, routed_at=None)
    unrouted = unrouted.select_related("incident__connector", "incident__member__organization")
    events = list(unrouted.order_by("at", "number")[:at_most])
    # Who hears of an end depends on who was told of what came before.
    news = [event for event in events if event.kind != EventKind.CLOSED]
    _write(_Audience(organization_id, news, may_see).of_news, news, now=now)
    ends = [event for event in events if event.kind == EventKind.CLOSED]
    told = _told_before(ends)
    _write(lambda event: told[event.pk], ends, now=now)
    IncidentEvent.objects.filter(pk__in=[event.pk for event in events]).update(routed_at=now)
    return len(events)


def own_channel(member: Member) -> Channel:
    """The channel of mails to a member; made when it is first needed."""
    channel, _ = Channel.objects.get_or_create(
        member=member, defaults={"organization_id": member.organization_id, "kind": ChannelKind.EMAIL}
    )
    channel.member = member
    return channel


class _Audience:
    """Who hears of these events, looked up once for all of them."""

    def __init__(self, organization_id: int, events: Collection[IncidentEvent], may_see: MaySee) -> None:
        self._may_see = may_see
        channels = Channel.objects.filter(organization=organization_id, is_enabled=True)
        self._channels = list(channels.filter(member=None))
        self._own = {
            channel.member_id: channel for channel in channels.exclude(member=None).select_related("member")
        }
        connectors = [event.incident.connector for event in events if event.incident.connector is not None]
        members = Member.objects.filter(organization=organization_id, is_active=True)
        self._owners: dict[str, list[Member]] = defaultdict(list)
        owners = members.filter(bigdata_user_id__in={connector.bigdata_user_id for connector in connectors})
        for member in owners.exclude(bigdata_user_id=""):
            self._owners[member.bigdata_user_id].append(member)
        self._followers: dict[int, list[Member]] = defaultdict(list)
        follows = Follow.objects.filter(connector__in={each.pk for each in connectors}, member__is_active=True)
        for follow in follows.select_related("member__organization"):
            self._followers[follow.connector_id].append(follow.member)

    def of_news(self, event: IncidentEvent) -> list[Channel]:
        incident = event.incident
        wanted = [channel for channel in self._channels if self._fits(channel, incident)]
        return wanted + [self._channel_of(member) for member in self._concerned(incident)]

    def _channel_of(self, member: Member) -> Channel:
        if member.pk not in self._own:
            self._own[member.pk] = own_channel(member)
        return self._own[member.pk]

    def _concerned(self, incident: Incident) -> Iterable[Member]:
        if incident.connector is None:
            return [incident.member] if incident.member is not None and incident.member.is_active else []
        owners = self._owners[incident.connector.bigdata_user_id]
        followers = self._followers[incident.connector.pk]
        others = [member for member in followers if self._may_see(member, incident.connector)]
        return {member.pk: member for member in (*owners, *others)}.values()

    def _fits(self, channel: Channel, incident: Incident) -> bool:
        """Of each list that is not empty, one fits. What is about a key has no type and its member as owner."""
        connector = incident.connector
        owners = [incident.member_id]
        if connector is not None:
            owners = [member.pk for member in self._owners[connector.bigdata_user_id]]
        facts = (
            (channel.kinds, [incident.kind]),
            (channel.types, [connector.type if connector else ""]),
            (channel.causes, [incident.cause]),
            (channel.owners, owners),
        )
        return all(not wanted or not set(wanted).isdisjoint(these) for wanted, these in facts)


def _told_before(ends: Collection[IncidentEvent]) -> dict[object, list[Channel]]:
    """By end: the channels that heard of what came before it.

    Who was never told that it is bad need not hear that it is good.
    """
    notices = Notice.objects.filter(event__incident__in=[event.incident_id for event in ends])
    notices = notices.filter(channel__is_enabled=True).select_related("channel__member", "event")
    of_incident: dict[object, list[Notice]] = defaultdict(list)
    for notice in notices:
        of_incident[notice.event.incident_id].append(notice)
    return {
        event.pk: list(
            {
                n.channel_id: n.channel for n in of_incident[event.incident_id] if n.event.number < event.number
            }.values()
        )
        for event in ends
    }


def _write(
    audience: Callable[[IncidentEvent], Iterable[Channel]], events: Iterable[IncidentEvent], *, now: datetime
) -> None:
    notices = [_notice(channel, event, now=now) for event in events for channel in audience(event)]
    Notice.objects.bulk_create(filter(None, notices), ignore_conflicts=True, batch_size=500)


def _notice(channel: Channel, event: IncidentEvent, *, now: datetime) -> Notice | None:
    when = _when(channel, event.incident)
    if when == NotifyWhen.NEVER:
        return None
    group = DIGEST if when == NotifyWhen.DAILY else _group(event)
    return Notice(channel=channel, event=event, group=group, not_before=_not_before(channel, when, now))


def _when(channel: Channel, incident: Incident) -> NotifyWhen:
    if channel.member is None:
        return NotifyWhen.NOW
    return NotifyWhen(channel.choices.get(incident.kind, NotifyWhen.NOW))


def _group(event: IncidentEvent) -> str:
    return f"{event.kind}:{event.facts['kind']}:{event.facts['cause']}"


def _not_before(channel: Channel, when: NotifyWhen, now: datetime) -> datetime | None:
    """The next digest, or the end of the member's quiet hours."""
    if channel.member is None:
        return None
    here = now.astimezone(ZoneInfo(channel.member.time_zone or "UTC"))
    if when == NotifyWhen.DAILY:
        return _next(here, DIGEST_AT)
    if _is_quiet(here.time(), channel.quiet_from, channel.quiet_to):
        return _next(here, channel.quiet_to or DIGEST_AT)
    return None


def _is_quiet(moment: time, begin: time | None, end: time | None) -> bool:
    """Quiet hours may go past midnight."""
    if begin is None or end is None or begin == end:
        return False
    if begin < end:
        return begin <= moment < end
    return moment >= begin or moment < end


def _next(here: datetime, moment: time) -> datetime:
    today = here.replace(hour=moment.hour, minute=moment.minute, second=0, microsecond=0)
    return today if today > here else today + timedelta(days=1)
