"""The keys of an organization's members, as its admins look after them: health, disabling, enabling."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Case, Count, Q, QuerySet, Value, When
from django.utils import timezone

from connectors_app.choices import AuditAction, KeyStatus
from connectors_app.models import ApiKey, Member, Organization
from connectors_app.models.api_key import EXPIRY_NOTICE
from connectors_app.services import api_keys, snapshots
from connectors_app.services.alerts import incidents

MISSING, EXPIRING = "missing", "expiring"
# Who needs help comes first.
_BY_URGENCY = (MISSING, KeyStatus.REJECTED.value, KeyStatus.DISABLED.value, EXPIRING)


def members_with_keys(organization: Organization, *, health: str, today: date) -> QuerySet[Member]:
    """The active members, each with `api_key`: who needs help comes first. `health`: empty for all of them."""
    filters = _filters(today)
    ranks = (When(filters[each], then=Value(rank)) for rank, each in enumerate(_BY_URGENCY))
    members = Member.objects.filter(organization=organization, is_active=True).select_related("api_key")
    members = members.filter(filters[health]) if health else members
    return members.order_by(Case(*ranks, default=Value(len(_BY_URGENCY))), "email")


def _filters(today: date) -> dict[str, Q]:
    """Those whose key expires are told apart among the working ones: of others it no longer matters."""
    soon = today + timedelta(days=EXPIRY_NOTICE)
    by_status = {status: Q(api_key__status=status) for status in KeyStatus.values}
    expiring = by_status[KeyStatus.WORKING] & Q(api_key__expires_on__lte=soon)
    return {MISSING: Q(api_key=None), EXPIRING: expiring, **by_status}


def in_need(organization: Organization, *, today: date) -> dict[str, int]:
    """How many active members have no key, a rejected or an expiring one, as far as there are any. One query."""
    filters = _filters(today)
    members = Member.objects.filter(organization=organization, is_active=True)
    wanted = (MISSING, KeyStatus.REJECTED.value, EXPIRING)
    counts = members.aggregate(**{health: Count("pk", filter=filters[health]) for health in wanted})
    return {health: counts[health] for health in wanted if counts[health]}


def health_choices() -> Sequence[tuple[str, str]]:
    return (
        (MISSING, "No key"),
        (KeyStatus.REJECTED.value, "Rejected"),
        (KeyStatus.DISABLED.value, "Disabled"),
        (EXPIRING, "Expiring or expired"),
        (KeyStatus.WORKING.value, "Working"),
    )


def disable_key(api_key: ApiKey, *, actor: Member) -> None:
    """Use the key for nothing from now on, until it is enabled or its owner puts another in its place."""
    with transaction.atomic():
        Organization.lock(api_key.organization_id)
        api_key.refresh_from_db()
        if api_key.status == KeyStatus.DISABLED:
            return
        lost, before = api_keys.only_seen_by(api_key).count(), api_key.status
        api_key.status, api_key.disabled_at = KeyStatus.DISABLED, timezone.now()
        api_key.save(update_fields=["status", "disabled_at"])
        snapshots.settle_states_of(api_key, now=api_key.disabled_at)
        incidents.follow_key(api_key.member, now=api_key.disabled_at)
        details = {"changes": {"status": [before, api_key.status]}, "seen_by_nobody_else": lost}
        api_keys.record(AuditAction.KEY_DISABLED, api_key, actor=actor, details=details)


def enable_key(api_key: ApiKey, *, actor: Member) -> None:
    """Use a disabled key again. It is due at once: the next look tells whether Bigdata.com still accepts it."""
    with transaction.atomic():
        Organization.lock(api_key.organization_id)
        api_key.refresh_from_db()
        if api_key.status != KeyStatus.DISABLED:
            return
        now = timezone.now()
        api_key.status, api_key.disabled_at, api_key.rejected_at = KeyStatus.WORKING, None, None
        api_key.next_poll_at, api_key.lease_until = now, None
        api_key.save(update_fields=["status", "disabled_at", "rejected_at", "next_poll_at", "lease_until"])
        snapshots.settle_states_of(api_key, now=now)
        incidents.follow_key(api_key.member, now=now)
        details = {"changes": {"status": [KeyStatus.DISABLED, api_key.status]}}
        api_keys.record(AuditAction.KEY_ENABLED, api_key, actor=actor, details=details)
