"""Small bar charts as SVG: no script, no inline style, each bar with its text."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from typing import Any

from django import template
from django.utils import timezone

from connectors_app.models import SyncRun
from connectors_app.templatetags.ui import exact

register = template.Library()

_GAP = 1
_LEAST = 2


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a strip: its value, what it says, and the tone it is drawn in."""

    value: float
    text: str
    tone: str = "danger"


@register.inclusion_tag("components/_strip.html")
def strip(
    bars: Sequence[Bar], label: str, height: int = 24, bar_width: int = 6, caption: str = ""
) -> dict[str, Any]:
    """Bars of equal width, the highest as high as the strip. A value of nothing is a thin line.

    `label` is for who can't see it, `caption` stands below it for everybody.
    """
    most = max((bar.value for bar in bars), default=0) or 1
    drawn = [
        {
            "x": number * (bar_width + _GAP),
            "y": height - size,
            "height": size,
            "tone": bar.tone if bar.value else "none",
            "text": bar.text,
        }
        for number, bar in enumerate(bars)
        if (size := max(_LEAST, round(height * bar.value / most)))
    ]
    width = max(1, len(bars) * (bar_width + _GAP) - _GAP)
    return {
        "bars": drawn,
        "label": label,
        "caption": caption,
        "width": width,
        "height": height,
        "bar_width": bar_width,
    }


@register.inclusion_tag("components/_strip.html")
def trend(
    counts: Sequence[int], height: int = 24, bar_width: int = 6, *, captioned: bool = False
) -> dict[str, Any]:
    """Failed syncs by day, the last of them today. `captioned`: with the numbers below."""
    days = [timezone.now().astimezone(UTC).date() - timedelta(days=back) for back in reversed(range(len(counts)))]
    bars = [Bar(count, f"{day.day} {day:%b}: {count:,} failed") for day, count in zip(days, counts, strict=True)]
    most, total = max(counts, default=0), sum(counts)
    label = f"{total:,} failed syncs in {len(counts)} days, {most:,} at most on one day"
    return strip(
        bars, label, height, bar_width, f"{total:,} in all, {most:,} at most on one day" if captioned else ""
    )


@register.inclusion_tag("components/_strip.html")
def syncs_strip(runs: Sequence[SyncRun]) -> dict[str, Any]:
    """One bar per sync, newest right: as high as it took in items, in the tone of its outcome."""
    oldest_first = list(reversed(runs))
    most = max((run.count or 0 for run in oldest_first), default=0)
    bars = [
        # One that failed is always to be seen, however little it took in.
        Bar(max(run.count or 0, most // 3 or 1), f"{exact(run.at)}: {_outcome(run)}", _tone(run))
        for run in oldest_first
    ]
    failed = sum(run.failed for run in oldest_first)
    many = f"The last {len(bars)} syncs, {failed} of which failed"
    one = "The last sync, which failed" if failed else "The last sync, which succeeded"
    return strip(bars, one if len(bars) == 1 else many, 56, 9)


def _tone(run: SyncRun) -> str:
    return "danger" if run.failed else "success"


def _outcome(run: SyncRun) -> str:
    items = "" if run.count is None else f", {run.count:,} items"
    return ("failed" if run.failed else "succeeded") + items


@register.inclusion_tag("components/_strip.html")
def files_strip(files: Sequence[tuple[date, int]]) -> dict[str, Any]:
    """One bar per day on which the number of files was seen, newest right."""
    bars = [Bar(count, f"{day.day} {day:%b}: {count:,} files", "info") for day, count in files]
    (first, before), (last, after) = files[0], files[-1]
    label = f"Files from {first.day} {first:%b} to {last.day} {last:%b}: {before:,} to {after:,}"
    return strip(bars, label, 40, 6, caption=label)
