"""Sixty days of syncs for the demo's connectors: made up, the same each time, and fit to how they are now."""

import random
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile

from connectors_app.choices import State
from connectors_app.models import Connector, SyncRun
from connectors_app.services.error_groups import assign_groups

DAYS = 60
BETWEEN = timedelta(hours=11)
# What fails now and then: (message, for how many syncs in a row).
_TROUBLE = (
    ("{host} answered HTTP 429 Too Many Requests; next attempt possible in {seconds} s", 1),
    ("Timed out after 60 s while downloading report {number} from {host}", 2),
    ("Report {number} could not be read: the PDF file ends too early", 1),
)


@dataclass(frozen=True, slots=True)
class PastSync:
    """A sync that was: its error, empty where it went well, and how many documents it brought."""

    at: datetime
    error: str
    count: int


def past_syncs(
    label: str,
    *,
    host: str,
    began: datetime,
    last_at: datetime,
    last_count: int,
    files: int,
    failing: int,
    error: str,
) -> list[PastSync]:
    """All syncs since it began, the newest first: together they brought `files`, the last one `last_count`.

    The last `failing` of them failed with `error`. Asked again about the same, the answer is the same.
    """
    chance = random.Random(label)  # noqa: S311 - made up, not secret
    count = 1 + max(0, int((last_at - began) / BETWEEN))
    # The first went well, and the last before the trouble that lasts.
    luck = _errors(chance, host, count)[failing + 1 : -1]
    errors = ([error] * failing + [""] + luck + [""])[:count]
    good = [number for number, text in enumerate(errors) if number and not text]
    brought = Counter(chance.choices(good, k=files - last_count) if good else ())
    brought[0] = last_count
    return [PastSync(last_at - BETWEEN * number, text, brought[number]) for number, text in enumerate(errors)]


def portal(label: str, connector_type: str) -> str:
    """Where a connector gets its documents from."""
    name = label.partition(" ")[0].lower()
    return f"{name}.sharepoint.example" if connector_type == "sharepoint" else f"portal.{name}.example"


def add_history(connector: Connector, *, failing: int) -> None:
    """Give a connector a past in which its last `failing` syncs failed like the one known now."""
    runs = _runs(connector, failing) if connector.last_sync_at else []
    assign_groups(runs)
    SyncRun.objects.bulk_create(runs, ignore_conflicts=True)
    _say_since_when(connector, runs)


def _runs(connector: Connector, failing: int) -> list[SyncRun]:
    files = connector.files_count or 0
    past = past_syncs(
        connector.label,
        host=portal(connector.label, connector.type),
        began=connector.created_at,
        last_at=connector.last_sync_at or connector.created_at,
        last_count=connector.last_sync_count or 0,
        files=files,
        failing=failing if connector.last_sync_failed else 0,
        error=connector.last_sync_error_msg,
    )
    runs = []
    for sync in past:
        runs.append(_run(connector, sync, files))
        files -= sync.count
    return runs


def _run(connector: Connector, sync: PastSync, files: int) -> SyncRun:
    return SyncRun(
        connector=connector,
        organization_id=connector.organization_id,
        at=sync.at,
        status="FAILED" if sync.error else "SUCCESS",
        error=sync.error,
        count=sync.count,
        files_count=files,
        failed=bool(sync.error),
        seen_at=sync.at + timedelta(minutes=3),
    )


def _errors(chance: random.Random, host: str, count: int) -> list[str]:
    """A message for each sync, empty for the good ones: most are."""
    errors: list[str] = []
    while len(errors) < count:
        if chance.random() < 0.05:
            message, times = chance.choice(_TROUBLE)
            for _ in range(times):
                number, seconds = chance.randint(10_000, 99_999), chance.choice((30, 60, 90, 120))
                errors.append(message.format(host=host, number=number, seconds=seconds))
        else:
            errors.append("")
    return errors[:count]


def _say_since_when(connector: Connector, runs: list[SyncRun]) -> None:
    """As if the dashboard had watched from the beginning, and not from a moment ago."""
    alike = list(takewhile(lambda run: run.failed == runs[0].failed, runs))
    since = alike[-1].at if alike else connector.created_at
    fields: dict[str, object] = {"first_seen_at": connector.created_at}
    if connector.state == State.FAILING:
        fields |= {"failing_since": since, "failures_in_a_row": len(alike)}
        connector.incidents.open().update(opened_at=since)
    by_state = {State.STALE: connector.stale_at, State.ARCHIVED: connector.updated_at}
    fields["state_since"] = by_state.get(State(connector.state), since)
    Connector.objects.filter(pk=connector.pk).update(**fields)
