"""One record of the tickets' stream: what changed on which ticket."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from runtime.items import from_attributes
from tickets.attributes import invalid_values
from tickets.incident import is_same_incident
from tickets.members import is_to_be_detached
from tickets.states import AWAITING_DIAGNOSIS, REDIAGNOSE, DiagnosisStatus, Status, meant_by


@dataclass(frozen=True)
class StreamRecord:
    """The images before and after a write; None where the stream carries none."""

    event_id: str
    ticket_id: str
    old: Mapping[str, Any] | None
    new: Mapping[str, Any] | None
    written_at: float | None = None
    """When the change was made (epoch seconds), as far as it is told; DynamoDB rounds it."""

    @classmethod
    def from_event(cls, record: Mapping[str, Any]) -> "StreamRecord":
        """Raises ValueError when it is no record of a DynamoDB stream on a table keyed by `ticket_id`."""
        try:
            change = record["dynamodb"]
            ticket_id = from_attributes(change["Keys"])["ticket_id"]
            if not isinstance(ticket_id, str):
                raise TypeError(f"the key is {ticket_id}")  # noqa: TRY301 - told as the others
            old, new = change.get("OldImage"), change.get("NewImage")
            before, after = (from_attributes(image) if image else None for image in (old, new))
            written_at = change.get("ApproximateCreationDateTime")
            at = float(written_at) if isinstance(written_at, int | float) else None
            return cls(str(record["eventID"]), ticket_id, before, after, at)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a record of the tickets' stream: {error!r}") from error

    @property
    def was_erased(self) -> bool:
        """A producer overwrote the whole item of a ticket that the pipeline already knew.

        What is no text, such as null, is no status: the stream's filter sees it so, too.
        """
        if not self.old or not self.new:
            return False
        before, after = self.old.get("diagnosis_status"), self.new.get("diagnosis_status")
        return isinstance(before, str) and not isinstance(after, str)

    @property
    def is_of_pending(self) -> bool:
        """The pipeline had the ticket wait. Should a producer overwrite it, that has a record of its own."""
        return (self.new or {}).get("diagnosis_status") == DiagnosisStatus.PENDING

    @property
    def restarts(self) -> int:
        """How often a run of the incident was dropped, if this overwrite was during one of its runs."""
        old = self.old or {}
        if not self.was_erased or self.is_another_incident or old.get("diagnosis_status") != "running":
            return 0
        return 0 if "restarts" in invalid_values(old) else int(old.get("restarts", 0)) + 1

    @property
    def is_another_incident(self) -> bool:
        """The ticket tells of something else than before the write."""
        return not is_same_incident(self.old or {}, self.new or {})

    @property
    def was_opened_again(self) -> bool:
        """The ticket was resolved, and is open or acknowledged."""
        if not self.old or not self.new or meant_by(self.old.get("status")) != Status.RESOLVED:
            return False
        return meant_by(self.new.get("status")) in AWAITING_DIAGNOSIS

    @property
    def asks_to_be_detached(self) -> bool:
        """A person has just written `detach` on the member of an incident."""
        return bool(self.new) and is_to_be_detached(self.new or {}) and "detach" not in (self.old or {})

    @property
    def asks_again(self) -> bool:
        """A person's `rediagnose` is open on a ticket whose diagnosis is finished, or that was set aside."""
        if not self.new or "rediagnose" not in self.new:
            return False
        return self.new.get("diagnosis_status") in REDIAGNOSE.sources
