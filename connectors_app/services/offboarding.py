"""What a leaver leaves behind: the connectors they own, and those that nobody watches without their API key."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q

from connectors_app.models import ApiKey, Connector, Member, Sighting
from connectors_app.models.connector import ConnectorQuerySet
from connectors_app.services.listing import ListFilters, apply_filters

_NAMED_AT_MOST = 20


@dataclass(frozen=True, slots=True)
class OffboardingReport:
    """`owned_query` is the query string of the list that shows the `owned`; empty where none are known.

    `unwatched` are the connectors that no other member's working key sees, whoever owns them. `only_seen` are
    those of the `owned` that others' keys do see: nobody can change them without the owner's.
    """

    owned: int
    owned_query: str
    unwatched: int
    only_seen: int
    first_unwatched: list[Connector]

    @property
    def more_unwatched(self) -> int:
        """How many are not named."""
        return self.unwatched - len(self.first_unwatched)


def report_on(member: Member, *, among: ConnectorQuerySet) -> OffboardingReport:
    """What hangs on the member, among the connectors that the reader may see."""
    unwatched = unwatched_without(member, among=among)
    filters = ListFilters(owner=member.bigdata_user_id)
    owned = apply_filters(among, filters) if filters.owner else among.none()
    living = owned.filter(gone_at=None, deletion_asked_at=None)
    return OffboardingReport(
        owned=owned.count(),
        owned_query=urlencode(filters.as_query()) if filters.owner else "",
        unwatched=unwatched.count(),
        only_seen=living.exclude(pk__in=unwatched.values("pk")).count(),
        first_unwatched=list(unwatched.order_by("sort_label", "pk")[:_NAMED_AT_MOST]),
    )


def unwatched_without(member: Member, *, among: ConnectorQuerySet) -> ConnectorQuerySet:
    """Those that the member owns or their key sees, still take something in, and no other working key sees."""
    theirs = Q(pk__in=Sighting.objects.filter(api_key__member=member).values("connector"))
    if member.bigdata_user_id:
        theirs |= Q(bigdata_user_id=member.bigdata_user_id)
    others = ApiKey.objects.usable().exclude(member=member)
    seen_by_others = Exists(Sighting.objects.filter(connector=OuterRef("pk"), api_key__in=others))
    living = among.filter(archived=False, gone_at=None, deletion_asked_at=None)
    return living.filter(theirs).exclude(seen_by_others)
