"""The demo's series: a level with a daily wave and noise, and steps away from it. All of it from seeds."""

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from local.aws.recorded.metrics import Point

MINUTES = 26 * 60
"""A day and what comes before the same time yesterday."""
_A_DAY = 24 * 60


def series(described: Mapping[str, Any], now: datetime) -> Iterator[Point]:
    """A datapoint a minute up to `now`: one value, or as many as the distribution `values` has.

    Keys: `level`, `daily` and `noise` (parts of the level), `whole` numbers, `values` as [value, count], and
    `steps` with `from` and `to` (minutes from now) and what is different there.
    """
    seed = f"{described['namespace']} {described['name']} {described['dimensions']}"
    chance = random.Random(seed)  # noqa: S311 - it has to be the same each time
    for back in range(MINUTES, 0, -1):
        at = now - timedelta(minutes=back)
        here = {**described, **_step(described.get("steps", ()), -back)}
        if "values" in here:
            yield at, _spread(here, chance)
        else:
            yield at, _one(here, at, chance)


def _step(steps: Sequence[Mapping[str, Any]], minute: float) -> Mapping[str, Any]:
    inside = [step for step in steps if step["from"] <= minute < step.get("to", 1)]
    return inside[-1] if inside else {}


def _one(here: Mapping[str, Any], at: datetime, chance: random.Random) -> float:
    level = float(here["level"])
    of_the_day = (at.hour * 60 + at.minute) / _A_DAY
    value: float = level * (1 + here.get("daily", 0) * math.sin(2 * math.pi * of_the_day))
    value += chance.gauss(0, level * here.get("noise", 0))
    if here.get("whole"):
        return float(max(0, math.floor(value + chance.random())))
    return max(0.0, value)


def _spread(here: Mapping[str, Any], chance: random.Random) -> dict[float, float]:
    """The distribution, its values a little moved."""
    return {value * (1 + chance.gauss(0, here.get("noise", 0))): count for value, count in here["values"]}
