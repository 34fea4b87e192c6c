"""Turning answers of the API into snapshots. No network here: others ask, this takes in what came.

An answer is taken in whole, in one transaction, one answer at a time per organization; only what
changed is written. An answer that was asked for before the snapshot was last refreshed is older than
what we know, and changes nothing. One that tells nothing new need not be taken in at all.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef

from connectors_app.bigdata import ConnectorData
from connectors_app.choices import State
from connectors_app.models import ApiKey, Connector, Organization, Sighting
from connectors_app.models.forgettable import forgettable
from connectors_app.models.search import index_terms
from connectors_app.services.alerts import incidents
from connectors_app.services.applying import API_FIELDS, OWN_FIELDS, apply, is_older, new_snapshot
from connectors_app.services.history import (
    new_sync_runs,
    note_outside_changes,
    save_sync_runs,
    told_of_the_last_sync,
    watched_values,
)
from connectors_app.services.sightings import Standing, learn_identity, names_its_owner, see, standing_of
from connectors_app.services.staleness import limits_of


def known_already(
    api_key: ApiKey, answer: Sequence[ConnectorData], *, asked_at: datetime
) -> list[Connector] | None:
    """The snapshots of a complete list answer, if `take_list` would write nothing; None if it might.

    Asks for no lock: what somebody writes meanwhile may as well come after an answer that wrote nothing.
    """
    by_id = {data.connector_id: data for data in answer}
    listed = Connector.objects.filter(sightings__api_key=api_key, sightings__listed=True)
    known = {connector.connector_id: connector for connector in listed}
    if known.keys() != by_id.keys() or not names_its_owner(api_key, answer):
        return None
    limits = limits_of(api_key.organization)
    for connector_id, data in by_id.items():
        connector = known[connector_id]
        if asked_at < connector.refreshed_at or apply(connector, data, limits, asked_at=asked_at):
            return None
    return [known[each] for each in by_id] if standing_of(api_key).watches else None


def take_list(api_key: ApiKey, answer: Sequence[ConnectorData], *, asked_at: datetime) -> list[Connector]:
    """Take in a complete list answer. Returns the listed connectors' snapshots.

    What the key saw before and the list does not hold is marked as not listed, never as gone: only asking
    for it by id can tell (contract: `list` may leave archived connectors out).
    """
    with forgettable():
        organization = Organization.lock(api_key.organization_id)
        connectors = _take(organization, answer, asked_at=asked_at)
        standing = standing_of(api_key)
        if standing.is_stored:
            unlisted = see(api_key, connectors, asked_at=asked_at)
            if unlisted:
                api_key.sightings.filter(connector__in=unlisted, since__lt=asked_at).update(listed=False)
            learn_identity(api_key, answer)
        _settle_who_watches(standing, connectors, now=asked_at)
    return connectors


def take_one(api_key: ApiKey, data: ConnectorData, *, asked_at: datetime, is_ours: bool = False) -> Connector:
    """Take in one connector, as a get or (`is_ours`) a change of ours answered it."""
    with forgettable():
        organization = Organization.lock(api_key.organization_id)
        [connector] = _take(organization, [data], asked_at=asked_at, is_ours=is_ours)
        standing = standing_of(api_key)
        if standing.is_stored:
            see(api_key, [connector], asked_at=asked_at)
        _settle_who_watches(standing, [connector], now=asked_at)
    return connector


def confirm(api_key: ApiKey, connector: Connector, data: ConnectorData, *, asked_at: datetime) -> bool:
    """Whether asking by id told nothing new; that it was asked is noted then. If not, `take_one` takes it in.

    Asks for no lock but its own row's (see `known_already`). How long a deletion takes may be news by itself.
    """
    if asked_at < connector.refreshed_at or connector.state == State.DELETING:
        return False
    if apply(connector, data, limits_of(api_key.organization), asked_at=asked_at):
        return False
    same_key = ApiKey.objects.usable().filter(pk=api_key.pk, verified_at=api_key.verified_at)
    sees = Sighting.objects.filter(connector=OuterRef("pk"), api_key__in=same_key, listed=True)
    known = {"pk": connector.pk, "state": connector.state, "refreshed_at": connector.refreshed_at}
    with forgettable():
        is_same = bool(Connector.objects.filter(Exists(sees), **known).update(refreshed_at=asked_at))
    if is_same:
        connector.refreshed_at = asked_at
    return is_same


def take_not_found(api_key: ApiKey, connector: Connector, *, asked_at: datetime) -> None:
    """The key no longer sees the connector. When no key does, it is gone."""
    with forgettable():
        Organization.lock(api_key.organization_id)
        connector.refresh_from_db()
        if is_older(asked_at, connector) or not standing_of(api_key).is_stored:
            return
        Sighting.objects.filter(api_key=api_key, connector=connector).delete()
        if connector.gone_at is None and not connector.sightings.exists():
            connector.gone_at = connector.refreshed_at = asked_at
        connector.settle_state(seen_by_working_key=_seen_by_working_key(connector), now=asked_at)
        connector.save(update_fields=OWN_FIELDS)
        incidents.follow([connector], now=asked_at)


def settle_states_of(api_key: ApiKey, *, now: datetime) -> None:
    """Bring the states up to date of all that the key sees, after the key itself changed."""
    settle_states(Connector.objects.filter(sightings__api_key=api_key), now=now)


def settle_states(connectors: Iterable[Connector], *, now: datetime) -> None:
    ids = [connector.pk for connector in connectors]
    usable = Sighting.objects.filter(connector=OuterRef("pk"), api_key__in=ApiKey.objects.usable())
    current = Connector.objects.filter(pk__in=ids)
    seen = set(current.filter(Exists(usable)).values_list("pk", flat=True))
    changed = [each for each in current if each.settle_state(seen_by_working_key=each.pk in seen, now=now)]
    with transaction.atomic():
        Connector.objects.bulk_update(changed, ["state", "state_since"], batch_size=500)
        incidents.follow(current, now=now)


def _take(
    organization: Organization, answer: Sequence[ConnectorData], *, asked_at: datetime, is_ours: bool | None = None
) -> list[Connector]:
    """Insert or update the snapshots. `is_ours`: whether it answers a change of ours (None: it is a list)."""
    by_id = {data.connector_id: data for data in answer}
    limits = limits_of(organization)
    known = Connector.objects.filter(organization=organization, connector_id__in=list(by_id))
    snapshots = {connector.connector_id: connector for connector in known}
    new, changed, synced = [], [], []
    before: dict[int, dict[str, Any]] = {}
    for connector_id, data in by_id.items():
        connector = snapshots.get(connector_id)
        if connector is None:
            connector = new_snapshot(organization.pk, data, limits, asked_at=asked_at)
            new.append(connector)
            synced.append(connector)
        elif not is_older(asked_at, connector):
            was, last_sync = watched_values(connector), told_of_the_last_sync(connector)
            if apply(connector, data, limits, asked_at=asked_at) or is_ours is not None:
                connector.refreshed_at = asked_at
                changed.append(connector)
                before[connector.pk] = was
            if told_of_the_last_sync(connector) != last_sync:
                synced.append(connector)
    runs = new_sync_runs(synced, seen_at=asked_at)
    Connector.objects.bulk_create(new, batch_size=500)
    _save(changed)
    save_sync_runs(runs)
    incidents.follow([*new, *changed], now=asked_at)
    if not is_ours:
        note_outside_changes(before, changed, seen_at=asked_at)
    index_terms([*new, *(c for c in changed if watched_values(c) != before[c.pk])])
    snapshots |= {connector.connector_id: connector for connector in new}
    return [snapshots[connector_id] for connector_id in by_id]


def _save(changed: Sequence[Connector]) -> None:
    fields = [*API_FIELDS, *OWN_FIELDS]
    if len(changed) == 1:  # A bulk update takes longer than asking upstream.
        changed[0].save(update_fields=fields)
    else:
        Connector.objects.bulk_update(changed, fields, batch_size=200)


def _settle_who_watches(standing: Standing, connectors: Iterable[Connector], *, now: datetime) -> None:
    """The key may have been disabled or rejected while it asked: what it told is true, but it watches no more.

    If it works, it watches also what its answer was too old to change.
    """
    if standing.watches:
        connectors = [connector for connector in connectors if connector.state == State.KEY_REJECTED]
    if connectors:
        settle_states(connectors, now=now)


def _seen_by_working_key(connector: Connector) -> bool:
    return connector.sightings.filter(api_key__in=ApiKey.objects.usable()).exists()
