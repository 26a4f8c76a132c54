"""What is known of Claude's capacity: whether it may be called now, or not before when.

Three times govern it, all epoch seconds. `gate_until`: Claude refused; nobody calls before then. `next_turn`:
the token buckets will not carry another call before then; callers take turns, spaced at the sustainable rate.
`next_slot`: when the next ticket that is put off should come back, spaced likewise, so that a backlog does
not return at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

SEVERAL = "several tickets"
"""In place of the one ticket that has met ambiguous faults since the last success."""


class Gate(StrEnum):
    """Why the gate is closed."""

    SHARED = "shared"
    ACCOUNT = "account"
    PROVIDER = "provider"
    SPEND = "spend"


@dataclass(frozen=True)
class CapacityState:
    """The item as it was read."""

    gate_until: float = 0.0
    gate: str = ""
    gate_reason: str = ""
    strikes: int = 0
    next_turn: float = 0.0
    next_slot: float = 0.0
    pace: float = 0.0
    last_success_at: float = 0.0
    fault_at: float = 0.0
    fault_ticket: str = ""

    @property
    def opens_at(self) -> float:
        """When the next call may be made (epoch seconds); in the past when it may be made now."""
        return max(self.gate_until, self.next_turn)

    def faults_are_of(self, ticket_id: str) -> bool:
        """Whether no other ticket has met an ambiguous fault since the last success."""
        return self.fault_ticket in ("", ticket_id)


def state_of(item: Mapping[str, Any]) -> CapacityState:
    """The state in the item, with defaults for what it lacks."""
    types: dict[str, Any] = {field.name: type(field.default) for field in fields(CapacityState)}
    return CapacityState(**{name: convert(item[name]) for name, convert in types.items() if name in item})
