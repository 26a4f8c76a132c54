"""An invocation's right to work on a ticket."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tickets.trimming import says_what_was_cut


@dataclass(frozen=True)
class Claim:
    """One invocation's right to work on a ticket.

    The token its moves are conditional on, and the newest image.
    """

    ticket_id: str
    token: str
    item: Mapping[str, Any]

    @property
    def generation(self) -> int:
        return int(self.item.get("generation", 0))

    @property
    def attempts(self) -> int:
        """Claims since the last outcome, this one included."""
        return int(self.item.get("attempts", 1))

    @property
    def first_attempt_at(self) -> float:
        return float(self.item["first_attempt_at"])

    @property
    def faults(self) -> int:
        """Ambiguous faults that count against this ticket."""
        return int(self.item.get("faults", 0))

    @property
    def fault_since(self) -> float | None:
        """Epoch seconds of the first ambiguous fault since the last outcome."""
        return float(self.item["fault_since"]) if "fault_since" in self.item else None

    @property
    def fault_repeats(self) -> int:
        """Ambiguous faults since the last outcome, whoever they count against."""
        return int(self.item.get("fault_repeats", 0))

    @property
    def cuts(self) -> list[str]:
        """What was cut from the ticket to make room, as its notes say; what is cut stays cut."""
        return [note for note in self.item.get("diagnosis_notes", ()) if says_what_was_cut(str(note))]
