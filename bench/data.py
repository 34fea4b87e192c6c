"""Organizations of every size, alike but for their size: made from a seed, kept from one run to the next.

What looks like life: few people own most connectors, most connectors are well, some labels and errors are very
long, syncs come unevenly, and a common word is in more than half of the labels.
"""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils import timezone

if TYPE_CHECKING:
    from connectors_app.models import Connector, ErrorGroup, Member, Organization, SyncRun

SIZES = (100, 1_000, 10_000, 100_000)
# In two of three labels, at every size; and in ten labels, at every size.
COMMON_WORD, RARE_WORD = "research", "kirkwall"
_RARE = 10
_ONCE = 1_000
_STATES = {"healthy": 80, "failing": 5, "stale": 6, "never_synced": 4, "archived": 5}
_TYPES = {"email": 60, "investment_research": 30, "sharepoint": 10}
_DESKS = ("Equity", "Rates", "Credit", "Energy", "Metals", "Healthcare", "Semiconductors", "Macro", "FX", "ESG")
_HOUSES = ("Ainsworth", "Bellamy", "Carrow", "Dunmore", "Eastgate", "Fairfax", "Greystone", "Holloway", "Inverary")
_ERRORS = (
    "401 Unauthorized: the broker portal refused the user name or the password",
    "Timeout after 30 seconds while connecting to research.example.com",
    "TypeError: cannot read property 'items' of null " + "at Feed.parse (feed.js:120:17) " * 40,
)


def organization_of(size: int) -> "Organization":
    """The one with so many connectors; made the first time, which for the largest takes minutes."""
    from connectors_app.models import Organization

    organization, _ = Organization.objects.get_or_create(name=f"Bench {size}")
    if organization.connectors.count() != size:
        organization.connectors.all().delete()
        _fill(organization, size)
    return organization


def member_of(organization: "Organization", role: str) -> "Member":
    """Adam, who sees all of it, or Alice, an analyst, who owns many of them."""
    from connectors_app.models import Member

    email = f"{role}@{organization.pk}.bench.example"
    member = Member.objects.filter(email=email).first()
    if member is None:
        member = Member.objects.create_member(email=email, organization=organization, role=role)
        member.bigdata_user_id = "user_0" if role == "analyst" else ""
        member.save()
    return member


def _fill(organization: "Organization", size: int) -> None:
    from django.db import connection

    from connectors_app.models import Connector, SyncRun
    from connectors_app.models.search import index_terms

    chance = random.Random(size)
    now = timezone.now()
    groups = _error_groups(organization, now)
    rows = (_connector(organization, number, size, chance, now) for number in range(size))
    while batch := list(islice(rows, _ONCE)):
        for connector in batch:
            if connector.state == "failing":
                connector.error_group = chance.choice(groups)
                connector.last_sync_error_msg = connector.error_group.example
        Connector.objects.bulk_create(batch)
        index_terms(batch)
        SyncRun.objects.bulk_create(run for connector in batch for run in _runs(connector, chance))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE" if connection.vendor == "sqlite" else "VACUUM ANALYZE")


def _error_groups(organization: "Organization", now: datetime) -> "list[ErrorGroup]":
    from connectors_app.models import ErrorGroup
    from connectors_app.services.error_groups import cause_of, fingerprint_of, normalise

    return [
        ErrorGroup.objects.get_or_create(
            organization=organization,
            fingerprint=fingerprint_of(error),
            defaults={
                "message": normalise(error),
                "example": error,
                "cause": cause_of(error),
                "first_seen_at": now - timedelta(days=3),
                "last_seen_at": now,
            },
        )[0]
        for error in _ERRORS
    ]


def _connector(
    organization: "Organization", number: int, size: int, chance: random.Random, now: datetime
) -> "Connector":
    from connectors_app.models import Connector

    state, kind = (chance.choices(list(each), each.values())[0] for each in (_STATES, _TYPES))
    label = _label(number, size, chance)
    created = now - timedelta(minutes=5 * (size - number))
    synced = None if state == "never_synced" else now - timedelta(minutes=chance.randrange(1, 600))
    # The one who owns most has about a quarter, the next half of that, and so on.
    owner = min(int(chance.expovariate(0.3)), 40)
    return Connector(
        organization=organization,
        connector_id=UUID(int=chance.getrandbits(128), version=4),
        type=kind,
        label=label,
        sort_label=label.casefold()[:100],
        description="What the desk gets from its brokers every morning. " * chance.choice((0, 0, 1, 5)),
        share_with_org=chance.random() < 0.4,
        archived=state == "archived",
        bigdata_user_id=f"user_{owner}",
        bigdata_org_id="org_bench",
        created_at=created,
        updated_at=created,
        config=_config(kind, number),
        files_count=None if synced is None else int(chance.expovariate(0.002)),
        last_sync_at=synced,
        last_sync_status="" if synced is None else "FAILED" if state == "failing" else "SUCCESS",
        state=state,
        state_since=created,
        refreshed_at=now,
        failures_in_a_row=chance.randrange(1, 40) if state == "failing" else 0,
        failing_since=synced if state == "failing" else None,
    )


def _label(number: int, size: int, chance: random.Random) -> str:
    words = [chance.choice(_HOUSES), chance.choice(_DESKS)]
    if number % 3:
        words.append(COMMON_WORD)
    if number % (size // _RARE) == 0:
        words.append(RARE_WORD.title())
    if chance.random() < 0.02:
        words += chance.choices(_DESKS, k=40)
    return " ".join([*words, str(number)])


def _config(kind: str, number: int) -> dict[str, Any]:
    if kind == "email":
        senders = [f"desk{number % 500}@bank{number % 50}.example"]
        return {"allowed_emails": senders, "email": f"inbox-{number}@in.bench.example"}
    return {"user_id": f"user{number}@broker.example"} if kind == "investment_research" else {}


def _runs(connector: "Connector", chance: random.Random) -> "Iterator[SyncRun]":
    from connectors_app.models import SyncRun

    if connector.last_sync_at is None:
        return
    for back in range(chance.choice((1, 2, 3, 6))):
        failed = connector.state == "failing"
        at = connector.last_sync_at - timedelta(hours=11 * back)
        yield SyncRun(
            connector=connector,
            organization_id=connector.organization_id,
            at=at,
            status=connector.last_sync_status,
            error=connector.last_sync_error_msg if failed else "",
            failed=failed,
            count=None if failed else chance.randrange(50),
            error_group=connector.error_group,
            seen_at=at,
        )
