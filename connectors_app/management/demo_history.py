"""Sixty days of syncs for the demo's connectors: made up, the same each time, and fit to how they are now."""

import random
from datetime import datetime, timedelta

from connectors_app.models import Connector, SyncRun
from connectors_app.services.error_groups import assign_groups

DAYS = 60
_BETWEEN = timedelta(hours=11)
# What fails now and then: (message, for how many syncs in a row).
_TROUBLE = (
    ("research.northbank.example answered HTTP 429 Too Many Requests; next attempt possible in {number} s", 1),
    ("Timed out after 60 s while downloading report {number} from portal.harbour-securities.example", 2),
    ("Report {number} could not be read: the PDF file ends too early", 1),
)


def add_history(connector: Connector, *, now: datetime, failing_syncs: int) -> None:
    """Give a connector that syncs a past; its last `failing_syncs` syncs failed like the one known now."""
    chance = random.Random(connector.label)  # noqa: S311 - made up, not secret
    last_at = connector.last_sync_at or now
    moments = [last_at - _BETWEEN * step for step in range(1, DAYS * 24 * 3600 // int(_BETWEEN.total_seconds()))]
    runs = [_run(connector, at, connector.last_sync_error_msg) for at in moments[: max(0, failing_syncs - 1)]]
    errors = _errors(chance, len(moments) - len(runs))
    runs += [_run(connector, at, error) for at, error in zip(moments[len(runs) :], errors, strict=True)]
    files = connector.files_count or 0
    shares = [0 if run.failed else chance.randint(3, 40) for run in runs]
    # What has come in since the first of them is most of what is there.
    scale = min(1.0, 0.9 * files / max(1, sum(shares)))
    for run, share in zip(runs, shares, strict=True):
        run.files_count, run.count = files, int(scale * share)
        files -= run.count
    assign_groups(runs)
    SyncRun.objects.bulk_create(runs, ignore_conflicts=True)
    _say_since_when(connector, runs, failing_syncs, first_at=moments[-1])


def _run(connector: Connector, at: datetime, error: str) -> SyncRun:
    return SyncRun(
        connector=connector,
        organization_id=connector.organization_id,
        at=at,
        status="FAILED" if error else "SUCCESS",
        error=error,
        count=0,
        failed=bool(error),
        seen_at=at + timedelta(minutes=3),
    )


def _errors(chance: random.Random, count: int) -> list[str]:
    """A message for each sync, empty for the good ones: most are."""
    errors: list[str] = []
    while len(errors) < count:
        if chance.random() < 0.05:
            message, times = chance.choice(_TROUBLE)
            errors += [message.format(number=chance.randint(10_000, 99_999)) for _ in range(times)]
        else:
            errors.append("")
    return errors[:count]


def _say_since_when(connector: Connector, runs: list[SyncRun], failing_syncs: int, *, first_at: datetime) -> None:
    fields: dict[str, object] = {"first_seen_at": first_at}
    if failing_syncs:
        since = ([connector.last_sync_at] + [run.at for run in runs])[failing_syncs - 1]
        fields |= {"failing_since": since, "failures_in_a_row": failing_syncs, "state_since": since}
        connector.incidents.open().update(opened_at=since)
    Connector.objects.filter(pk=connector.pk).update(**fields)
