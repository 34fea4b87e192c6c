"""Adding, replacing and removing a member's API key, and when it expires."""

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from connectors_app.choices import AuditAction, KeyStatus, State
from connectors_app.models import ApiKey, Connector, Member, Organization, Sighting
from connectors_app.models.connector import ConnectorQuerySet
from connectors_app.services import audit, sightings, snapshots
from connectors_app.services.alerts import incidents
from connectors_app.services.upstream import KeyProblem, client_for_value

_DISABLED_VALUE = "An admin has disabled this very key. Use another one, or ask them to enable it."
_DISABLED_STAYS = "An admin has disabled your API key. It is kept, so that it stays disabled; you can replace it."


def store_key(
    member: Member, value: str, *, expires_on: date | None = None, actor: Member | None = None
) -> ApiKey:
    """Verify the key with Bigdata.com (a list call: there is no "who am I"), then keep it encrypted.

    Replaces the member's key if there is one; the day on which that expires goes with it. The list that
    proved it is taken in at once, so that the member's connectors are there. `actor` is None for a command.
    Raises UpstreamError, and KeyProblem for a value that an admin has disabled; then nothing was changed.
    """
    _refuse_disabled_value(ApiKey.objects.filter(member=member).first(), value)
    asked_at = timezone.now()
    client = client_for_value(value)
    answer = client.list_connectors()
    with transaction.atomic():
        Organization.lock(member.organization_id)
        stored = ApiKey.objects.filter(member=member).first()
        _refuse_disabled_value(stored, value)
        api_key = stored or ApiKey(member=member, organization=member.organization)
        is_other_value = stored is not None and not stored.holds(value)
        changes = _expire(api_key, expires_on, keep=stored is not None and not is_other_value)
        api_key.seal(value)
        api_key.mark_verified(asked_at, by_sandbox=bool(client.answered_by_sandbox))
        api_key.save()
        if is_other_value:
            _forget_what_the_old_key_told(api_key)
        snapshots.take_list(api_key, answer, asked_at=asked_at)
        snapshots.settle_states_of(api_key, now=asked_at)
        incidents.follow_key(member, now=asked_at)
        action = AuditAction.KEY_ADDED if stored is None else AuditAction.KEY_REPLACED
        record(action, api_key, actor=actor, details=changes)
    return api_key


def remove_key(member: Member, *, actor: Member | None = None) -> None:
    """Forget the member's key. What only it could see stays listed, as "Key rejected".

    Raises KeyProblem for one that an admin has disabled: added again it would work again.
    """
    with transaction.atomic():
        Organization.lock(member.organization_id)
        api_key = ApiKey.objects.filter(member=member).first()
        if api_key is None:
            return
        if api_key.status == KeyStatus.DISABLED:
            raise KeyProblem(_DISABLED_STAYS)
        seen, lost, key_id = _seen_by(api_key), only_seen_by(api_key).count(), api_key.pk
        api_key.delete()
        snapshots.settle_states(seen, now=timezone.now())
        incidents.follow_key(member, now=timezone.now())
        api_key.pk = key_id
        record(AuditAction.KEY_REMOVED, api_key, actor=actor, details={"seen_by_nobody_else": lost})


def set_expiry(member: Member, expires_on: date | None, *, actor: Member) -> None:
    """Note the day after which the member's key no longer works, as its owner says; None: it has no such day."""
    with transaction.atomic():
        Organization.lock(member.organization_id)
        api_key = ApiKey.objects.filter(member=member).first()
        if api_key is None or api_key.expires_on == expires_on:
            return
        details = _expire(api_key, expires_on, keep=False)
        api_key.save(update_fields=["expires_on"])
        record(AuditAction.KEY_EXPIRY_SET, api_key, actor=actor, details=details)


def only_seen_by(api_key: ApiKey) -> ConnectorQuerySet:
    """What nobody looks after without this key: its connectors that no other working key sees, by label.

    Without it they show as Key rejected; so not those that are archived, gone or on their way out.
    """
    others = ApiKey.objects.usable().exclude(pk=api_key.pk)
    seen_by_others = Exists(Sighting.objects.filter(connector=OuterRef("pk"), api_key__in=others))
    connectors = Connector.objects.filter(~seen_by_others, sightings__api_key=api_key)
    connectors = connectors.exclude(state__in=[State.DELETING, State.ARCHIVED, State.GONE])
    return connectors.order_by("sort_label", "pk")


def record(
    action: AuditAction, api_key: ApiKey, *, actor: Member | None, details: dict[str, Any] | None = None
) -> None:
    """Tell the audit trail what was done with a key; it is named by its owner, never by any part of it."""
    audit.record(
        action,
        organization=api_key.organization,
        actor=actor,
        target_type="apikey",
        target_id=api_key.pk,
        target_name=api_key.member.email,
        details=details,
    )


def _refuse_disabled_value(stored: ApiKey | None, value: str) -> None:
    if stored is not None and stored.status == KeyStatus.DISABLED and stored.holds(value):
        raise KeyProblem(_DISABLED_VALUE)


def _expire(api_key: ApiKey, expires_on: date | None, *, keep: bool) -> dict[str, Any]:
    """Set its last day, or `keep` the old one where none is given. Returns the change for the audit trail."""
    before = api_key.expires_on
    api_key.expires_on = expires_on or (before if keep else None)
    if api_key.expires_on == before:
        return {}
    return {"changes": {"expires_on": [day and day.isoformat() for day in (before, api_key.expires_on)]}}


def _seen_by(api_key: ApiKey) -> list[Connector]:
    return list(Connector.objects.filter(sightings__api_key=api_key))


def _forget_what_the_old_key_told(api_key: ApiKey) -> None:
    """Another key may be another Bigdata.com user's: who sees what must be found out anew."""
    seen = _seen_by(api_key)
    api_key.sightings.all().delete()
    sightings.remember_identity(api_key.member, "")
    snapshots.settle_states(seen, now=timezone.now())
