"""Which key sees what, and whose key that makes it (contract, quirk 13: no call tells)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from connectors_app.bigdata import ConnectorData
from connectors_app.choices import KeyStatus
from connectors_app.models import ApiKey, Connector, Member, Sighting


@dataclass(frozen=True, slots=True)
class Standing:
    """What has become of a key while it asked: whether it is still stored, and whether it is in use."""

    is_stored: bool
    watches: bool


def standing_of(api_key: ApiKey) -> Standing:
    """A key put in its place may be another Bigdata.com user's, who sees other things."""
    now = ApiKey.objects.filter(pk=api_key.pk).values_list("verified_at", "status", "member__is_active")
    for verified_at, status, is_active in now:
        is_stored = verified_at == api_key.verified_at
        return Standing(is_stored, is_stored and is_active and status == KeyStatus.WORKING)
    return Standing(is_stored=False, watches=False)


def see(api_key: ApiKey, connectors: Iterable[Connector], *, asked_at: datetime) -> list[int]:
    """Returns what the key saw listed before and is not among these."""
    listed = dict(api_key.sightings.values_list("connector_id", "listed"))
    found = [connector.pk for connector in connectors]
    new = [Sighting(api_key=api_key, connector_id=pk, since=asked_at) for pk in found if pk not in listed]
    Sighting.objects.bulk_create(new, batch_size=500)
    back = [pk for pk in found if listed.get(pk) is False]
    if back:
        api_key.sightings.filter(connector__in=back).update(listed=True, since=asked_at)
    return [pk for pk in set(listed) - set(found) if listed[pk]]


def names_its_owner(api_key: ApiKey, answer: Iterable[ConnectorData]) -> bool:
    """Whether nothing in the answer tells that the key's owner is anybody but who they are known to be."""
    return {data.user_id for data in answer if not data.share_with_org} <= {api_key.member.bigdata_user_id}


def learn_identity(api_key: ApiKey, answer: Sequence[ConnectorData]) -> None:
    """Who sees a private connector, and is alone in that, owns it (as far as the contract tells)."""
    if names_its_owner(api_key, answer):
        return
    owner_of: dict[UUID, str] = {d.connector_id: d.user_id for d in answer if not d.share_with_org}
    others = Sighting.objects.filter(api_key__organization_id=api_key.organization_id)
    others = others.exclude(api_key__fingerprint=api_key.fingerprint)
    seen_by_others = set(
        others.filter(connector__connector_id__in=list(owner_of)).values_list("connector__connector_id", flat=True)
    )
    owners = {owner for connector_id, owner in owner_of.items() if connector_id not in seen_by_others}
    if len(owners) == 1:
        remember_identity(api_key.member, owners.pop())


def remember_identity(member: Member, bigdata_user_id: str) -> None:
    """Evidence told who the member is at Bigdata.com."""
    if member.bigdata_user_id != bigdata_user_id:
        member.bigdata_user_id = bigdata_user_id
        member.save(update_fields=["bigdata_user_id"])
