"""What a row of the table says."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Result:
    """`value` and `target` in one unit, named in `what`; `detail` has what it is made of."""

    row: str
    what: str
    value: float
    target: float
    at_least: bool = False
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return self.value >= self.target if self.at_least else self.value <= self.target

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"ok": self.ok}


def milliseconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000


def side_by_side(calls: dict[str, Callable[[], object]], *, times: int) -> dict[str, float]:
    """The lower quartile of each in milliseconds: what else the machine does is left out.

    They take turns, so that it disturbs all alike.
    """
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for call in calls.values():
        call()
    for _ in range(times):
        for name, call in calls.items():
            taken[name].append(milliseconds(call))
    return {name: round(percentile(each, 0.25), 2) for name, each in taken.items()}


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
