"""What is known of Claude's capacity: whether it may be called now, or not before when.

Two times govern it, both epoch seconds. `gate_until`: Claude refused or cannot be used; nobody calls before
then. `next_turn`: the token buckets will not carry another call before then; callers take turns, spaced at
the sustainable rate.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

MAX_TURN_SECONDS = 900.0
"""No turn lies further ahead than this."""
MAX_PACE_SECONDS = 900.0


class Gate(StrEnum):
    """Why the gate is closed."""

    SHARED = "shared"
    ACCOUNT = "account"
    PROVIDER = "provider"
    SPEND = "spend"


MAX_GATE_SECONDS = {
    Gate.SHARED: 3600.0,
    Gate.ACCOUNT: 3600.0,
    Gate.PROVIDER: 600.0,
    Gate.SPEND: 24 * 3600.0,
}
"""The longest that the gate is closed at a time, whatever a header, the item or a clock says."""
MAX_STRIKES = 16


@dataclass(frozen=True)
class CapacityState:
    """The item as it was read; `strikes` are healthy tickets' faults since one of them was answered."""

    gate_until: float = 0.0
    gate: str = ""
    gate_reason: str = ""
    strikes: int = 0
    next_turn: float = 0.0
    pace: float = 0.0

    @property
    def opens_at(self) -> float:
        """When the next call may be made (epoch seconds); in the past when it may be made now."""
        return max(self.gate_until, self.next_turn)

    @property
    def is_half_open(self) -> bool:
        """The gate has been closed, and nobody has been answered since: one ticket tries, the others wait."""
        return self.gate_until > 0 and self.strikes > 0


def state_of(item: Mapping[str, Any], now: float) -> CapacityState:
    """The state in the item: what is missing or malformed has its default, and no time is out of bounds."""
    found = CapacityState(
        **{field.name: _converted(item.get(field.name), field.default) for field in fields(CapacityState)}
    )
    longest = MAX_GATE_SECONDS[Gate(found.gate) if found.gate in set(Gate) else Gate.SHARED]
    return CapacityState(
        gate_until=min(found.gate_until, now + longest),
        gate=found.gate,
        gate_reason=found.gate_reason,
        strikes=min(max(0, found.strikes), MAX_STRIKES),
        next_turn=min(found.next_turn, now + MAX_TURN_SECONDS),
        pace=min(max(0.0, found.pace), MAX_PACE_SECONDS),
    )


def _converted(value: Any, default: Any) -> Any:
    if isinstance(default, str):
        return value if isinstance(value, str) else default
    try:
        number = float(value)
    except (TypeError, ValueError, ArithmeticError):
        return default
    return type(default)(number) if math.isfinite(number) else default
