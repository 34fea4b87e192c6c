"""Time passes and limits change: what gets stale by that, without an answer of Bigdata.com."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from connectors_app.choices import AuditAction, State
from connectors_app.models import Connector, Member, Organization
from connectors_app.services import audit
from connectors_app.services.snapshots import settle_states
from connectors_app.services.staleness import days_of, limits_of, stale_at


def settle_stale(*, now: datetime, at_most: int = 500) -> int:
    """Say of connectors whose time has run out that they are stale. Returns how many. Safe to call anywhere."""
    in_time = [State.HEALTHY, State.SYNCING, State.NEVER_SYNCED]
    late = list(Connector.objects.filter(stale_at__lte=now, state__in=in_time).order_by("stale_at")[:at_most])
    settle_states(late, now=now)
    return len(late)


def set_limits(
    organization: Organization,
    days: Mapping[str, int],
    *,
    by: Member,
    now: datetime,
    alert_after_failures: int | None = None,
) -> None:
    """Change the organization's limits and what follows from them. Sent twice it is one change.

    `days`: by connector type (0: never stale). `alert_after_failures`: how many failed syncs in a row are an
    incident (None: as it was); what is one by that is opened by `upkeep.look_after`.
    """
    with transaction.atomic():
        organization = Organization.lock(organization.pk)
        before = days_of(organization)
        changes = {key: [before[key], number] for key, number in days.items() if before[key] != number}
        if alert_after_failures not in (None, organization.alert_after_failures):
            changes["alert_after_failures"] = [organization.alert_after_failures, alert_after_failures]
            organization.alert_after_failures = alert_after_failures
        if not changes:
            return
        organization.stale_after = dict(days)
        organization.save(update_fields=["stale_after", "alert_after_failures"])
        limits = limits_of(organization)
        changed = []
        for connector in Connector.objects.filter(organization=organization).iterator(chunk_size=1000):
            was, connector.stale_at = connector.stale_at, stale_at(connector, limits)
            if connector.stale_at != was:
                changed.append(connector)
        Connector.objects.bulk_update(changed, ["stale_at"], batch_size=500)
        settle_states(changed, now=now)
        audit.record(
            AuditAction.LIMITS_CHANGED,
            organization=organization,
            actor=by,
            target=organization,
            details={"changes": changes},
        )
