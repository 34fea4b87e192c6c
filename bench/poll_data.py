"""Keys in one organization, with connectors that are known already; and the sandbox that answers for them.

Both are kept from one run to the next.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import requests

if TYPE_CHECKING:
    from connectors_app.models import ApiKey, Organization
    from connectors_app.sandbox import SandboxServer

CONNECTORS_EACH = 10
_SYNCED = {
    "type": "investment_research",
    "last_sync_at": "2026-03-05T10:00:00Z",
    "last_sync_status": "SUCCESS",
    "files_count": 12,
}
_AT_ONCE = 50


def key_value(number: int) -> str:
    return f"bench-poll-key-{number:06}"


def user_of(number: int) -> str:
    return f"user_poll_{number}"


@contextmanager
def upstream(folder: Path, keys: int, *, limits: bool = False) -> "Iterator[SandboxServer]":
    """A sandbox that knows the keys."""
    from connectors_app.sandbox import SandboxServer

    state = folder / f"polling-{keys}.sqlite3"
    is_new = not state.exists()
    with SandboxServer(state, activity="quiet", limits=limits) as sandbox:
        for number in range(keys if is_new else 0):
            sandbox.add_key(key_value(number), user_of(number))
            sandbox.plant(user_of(number), count=CONNECTORS_EACH, label=f"Desk {number}", **_SYNCED)
        yield sandbox


def polled(sandbox: "SandboxServer", keys: int) -> "Organization":
    """The organization whose members store these keys, and the only keys in use."""
    from connectors_app.choices import KeyStatus
    from connectors_app.models import ApiKey, Organization

    organization, is_new = Organization.objects.get_or_create(
        name=f"Polled {keys}", defaults={"stale_after": {"investment_research": 0}}
    )
    ApiKey.objects.exclude(organization=organization).update(status=KeyStatus.DISABLED)
    if is_new or organization.connectors.count() != keys * CONNECTORS_EACH:
        organization.connectors.all().delete()
        organization.members.all().delete()
        stored = [_store(organization, number) for number in range(keys)]
        for batch in range(math.ceil(keys / _AT_ONCE)):
            _learn(sandbox, stored[batch * _AT_ONCE : (batch + 1) * _AT_ONCE], first=batch * _AT_ONCE)
    return organization


def _store(organization: "Organization", number: int) -> "ApiKey":
    from connectors_app.models import ApiKey, Member

    member = Member(
        email=f"{number}@{organization.pk}.poll.example",
        organization=organization,
        role="analyst",
        bigdata_user_id=user_of(number),
    )
    member.save()
    api_key = ApiKey(member=member, organization=organization)
    api_key.seal(key_value(number))
    api_key.save()
    return api_key


def _learn(sandbox: "SandboxServer", keys: "list[ApiKey]", *, first: int) -> None:
    """What the keys see, taken in as if the first of them saw it all: that is quicker than one by one."""
    from django.utils import timezone

    from connectors_app.bigdata import ConnectorData
    from connectors_app.models import Sighting
    from connectors_app.services import snapshots

    asked_at, answer = timezone.now(), []
    with requests.Session() as session:
        for number in range(first, first + len(keys)):
            session.headers["X-API-KEY"] = key_value(number)
            found = session.get(f"{sandbox.url}/contents/v1/connectors", timeout=20).json()["results"]
            answer += [ConnectorData.from_json(each) for each in found]
    known = snapshots.take_list(keys[0], answer, asked_at=asked_at)
    keys[0].sightings.all().delete()
    key_of = {key.member.bigdata_user_id: key for key in keys}
    Sighting.objects.bulk_create(
        Sighting(api_key=key_of[each.bigdata_user_id], connector=each, since=asked_at) for each in known
    )
