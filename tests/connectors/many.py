"""Thousands of connectors at once, straight into the database: as different as a number makes them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from connectors_app.choices import State
from connectors_app.models import Connector, Organization
from connectors_app.models.search import index_terms

TYPES = ("email", "investment_research", "sharepoint")
STATES = (State.HEALTHY, State.FAILING, State.STALE, State.NEVER_SYNCED, State.HEALTHY)
OWNERS = ("user_alice", "user_bob", "user_carla", "user_dan")
DESKS = ("Equity", "Rates", "Credit", "Energy", "Metals")
START = datetime(2026, 1, 1, tzinfo=UTC)


def connector(organization: Organization, number: int = 0, **changes: Any) -> Connector:
    """The connector of that number, not saved. Every tenth is archived, every seventh has never been synced."""
    kind, archived = TYPES[number % 3], number % 10 == 9
    synced = None if number % 7 == 0 else START + timedelta(minutes=number % 1000)
    values: dict[str, Any] = {
        "connector_id": UUID(int=organization.pk * 10**9 + number, version=4),
        "type": kind,
        "label": f"{DESKS[number % 5]} desk {number}",
        "description": "Daily notes",
        "share_with_org": number % 4 == 0,
        "archived": archived,
        "state": State.ARCHIVED if archived else STATES[number % 5],
        "bigdata_user_id": OWNERS[number % 4 if number % 3 else 3],
        "bigdata_org_id": "org_id_001",
        # Several are as old as each other, so that an order by age alone would not be one.
        "created_at": START + timedelta(hours=number // 3),
        "updated_at": START + timedelta(hours=number),
        "refreshed_at": START,
        "config": {"allowed_emails": [f"sender{number}@bank{number % 50}.com"]} if kind == "email" else {},
        "files_count": None if synced is None else number % 500,
        "last_sync_at": synced,
        "last_sync_status": "SUCCESS" if synced else "",
    }
    values |= changes
    return Connector(organization=organization, sort_label=values["label"].casefold()[:100], **values)


def plant(organization: Organization, count: int) -> list[Connector]:
    """That many, numbered from 0, saved and searchable."""
    planted = Connector.objects.bulk_create((connector(organization, n) for n in range(count)), batch_size=500)
    for start in range(0, count, 500):
        index_terms(planted[start : start + 500])
    return planted


def plant_one(organization: Organization, **values: Any) -> Connector:
    """One more, saved and searchable."""
    number = Connector.objects.filter(organization=organization).count()
    one = connector(organization, number, **{"archived": False, "state": State.HEALTHY, **values})
    one.save()
    index_terms([one])
    return one
