"""An invocation's right to work on a ticket."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tickets.incident import has_same_evidence, is_same_incident
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
        """Claims since the last outcome, this one included: all but this one ended without an outcome."""
        return int(self.item.get("attempts", 1))

    @property
    def restarts(self) -> int:
        """How often a run of this incident was dropped because its evidence was overwritten meanwhile."""
        return int(self.item.get("restarts", 0))

    def still_holds_for(self, item: Mapping[str, Any]) -> bool:
        """Whether what this run finds may be written on the ticket that has overwritten its own.

        Only on unchanged evidence, but once: a producer that overwrites with ever new evidence would have no
        run finish, and each is paid for. After that the incident must be the same. Not on a ticket that was
        begun anew: its generation has gone on.
        """
        if item.get("generation", self.generation) != self.generation:
            return False
        return (is_same_incident if self.restarts else has_same_evidence)(self.item, item)

    @property
    def attempt_seconds(self) -> float | None:
        """What the last attempt took that raised; None when none did since the last outcome."""
        return float(self.item["attempt_seconds"]) if "attempt_seconds" in self.item else None

    @property
    def troubles(self) -> int:
        """How often this diagnosis was put off because its attempt met a fault or had no outcome."""
        return int(self.item.get("troubles", 0))

    @property
    def answers_unused(self) -> int:
        """How many answers that were of no use were paid for before it was put off until the gate opens."""
        return int(self.item.get("answers_unused", 0))

    @property
    def trouble_wait(self) -> float:
        """How long it was put off the last time (seconds)."""
        return float(self.item.get("trouble_wait", 0))

    @property
    def cuts(self) -> list[str]:
        """What was cut from the ticket to make room, as its notes say; what is cut stays cut."""
        return [note for note in self.item.get("diagnosis_notes", ()) if says_what_was_cut(str(note))]
