"""The demo's log: what repeats and the lines that tell, each with its time. All of it from a seed."""

import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

_COUNTRIES = ("NL", "DE", "FR", "BE", "AT")
_NEW_VERSION_SINCE = -19.0
"""Minutes from now."""


def log_lines(described: Mapping[str, Any], now: datetime) -> list[tuple[datetime, str]]:
    """Times and lines in order: each of `repeated` so often a minute since `from`, and `lines` once."""
    chance = random.Random(str(described["group"]))  # noqa: S311 - it has to be the same each time
    minutes: list[tuple[float, str]] = [(float(at), text) for at, text in described["lines"]]
    for repeated in described["repeated"]:
        minute = float(repeated["from"])
        while (minute := minute + chance.expovariate(repeated["per_minute"])) < 0:
            minutes.append((minute, repeated["text"]))
    told = []
    for minute, text in sorted(minutes):
        at = now + timedelta(minutes=minute)
        time = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        told.append((at, text.format(time=time, **_filled(minute, chance))))
    return told


def _filled(minute: float, chance: random.Random) -> dict[str, Any]:
    return {
        "request": f"{chance.getrandbits(16):04x}",
        "version": 61 if minute >= _NEW_VERSION_SINCE else 60,
        "few": chance.randint(1, 12),
        "country": chance.choice(_COUNTRIES),
        "ms": chance.randint(28, 46),
        "env": f"{chance.randint(3, 14):02}",
        "host": chance.randint(20, 180),
    }
