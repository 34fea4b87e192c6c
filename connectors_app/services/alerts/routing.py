"""Who hears of what happened: the organization's channels by their rules, and the members concerned."""

from collections.abc import Callable, Iterable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q

from connectors_app.choices import ChannelKind, EventKind, NotifyWhen
from connectors_app.models import Channel, Connector, Incident, IncidentEvent, Member, Notice

DIGEST = "digest"
DIGEST_AT = time(8)
MaySee = Callable[[Member, Connector], bool]


def route(organization_id: int, *, now: datetime, may_see: MaySee, at_most: int = 1000) -> int:
    """Note for each channel what it is to hear of. Returns of how many events. Within the organization's turn.

    `may_see` tells whether a member who follows a connector may (still) see it.
    """
    unrouted = IncidentEvent.objects.filter(organization=organization_id, routed_at=None)
    unrouted = unrouted.select_related("incident__connector", "incident__member").order_by("at", "number")
    events = list(unrouted[:at_most])
    channels = list(Channel.objects.filter(organization=organization_id, member=None, is_enabled=True))
    # Who hears of an end depends on who was told of what came before.
    for is_end in (False, True):
        kind = [event for event in events if (event.kind == EventKind.CLOSED) is is_end]
        notices = [notice for event in kind for notice in _notices(event, channels, now=now, may_see=may_see)]
        Notice.objects.bulk_create(notices, ignore_conflicts=True, batch_size=500)
    IncidentEvent.objects.filter(pk__in=[event.pk for event in events]).update(routed_at=now)
    return len(events)


def _notices(
    event: IncidentEvent, channels: Iterable[Channel], *, now: datetime, may_see: MaySee
) -> Iterable[Notice]:
    if event.kind == EventKind.CLOSED:
        # Who was never told that it is bad need not hear that it is good.
        earlier = Notice.objects.filter(event__incident=event.incident, event__number__lt=event.number)
        told = Channel.objects.filter(Exists(earlier.filter(channel=OuterRef("pk"))), is_enabled=True)
        interested = list(told.select_related("member"))
    else:
        wanted = [channel for channel in channels if _fits(channel, event.incident)]
        interested = wanted + [own_channel(member) for member in _concerned(event.incident, may_see)]
    for channel in interested:
        when = _when(channel, event.incident)
        if when != NotifyWhen.NEVER:
            group = DIGEST if when == NotifyWhen.DAILY else _group(event)
            yield Notice(channel=channel, event=event, group=group, not_before=_not_before(channel, when, now))


def own_channel(member: Member) -> Channel:
    """The channel of mails to a member; made when it is first needed."""
    channel, _ = Channel.objects.get_or_create(
        member=member, defaults={"organization_id": member.organization_id, "kind": ChannelKind.EMAIL}
    )
    channel.member = member
    return channel


def _concerned(incident: Incident, may_see: MaySee) -> list[Member]:
    if incident.connector is None:
        return [incident.member] if incident.member is not None and incident.member.is_active else []
    connector = incident.connector
    is_owner = ~Q(bigdata_user_id="") & Q(bigdata_user_id=connector.bigdata_user_id)
    members = Member.objects.filter(organization=incident.organization_id, is_active=True)
    concerned = (
        members.filter(is_owner | Q(follows__connector=connector)).distinct().select_related("organization")
    )
    return [member for member in concerned if may_see(member, connector)]


def _fits(channel: Channel, incident: Incident) -> bool:
    """Of each list that is not empty, one fits. What is about a key has no type and its member as owner."""
    connector = incident.connector
    facts = (
        (channel.kinds, incident.kind),
        (channel.types, connector.type if connector else ""),
        (channel.causes, incident.cause),
    )
    return all(not wanted or fact in wanted for wanted, fact in facts) and _fits_owner(channel, incident)


def _fits_owner(channel: Channel, incident: Incident) -> bool:
    if not channel.owners:
        return True
    if incident.connector is None:
        return incident.member_id in channel.owners
    owners = Member.objects.filter(organization=incident.organization_id, pk__in=channel.owners)
    return owners.filter(bigdata_user_id=incident.connector.bigdata_user_id).exclude(bigdata_user_id="").exists()


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
