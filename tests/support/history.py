"""What has happened on a pipeline so far."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from local.aws.stream_mapping import Record
from runtime.observability import metrics
from tests.support.watched_claude import Asked
from tickets.stream_record import StreamRecord


@dataclass(frozen=True)
class Moved:
    """One change of a ticket's `diagnosis_status`, as the stream told it."""

    at: float
    ticket_id: str
    generation: int
    source: str | None
    target: str | None


@dataclass
class History:
    """Moves; calls to Claude and invocations that raised, by ticket and generation; the rest in its order.

    `said` is what the use cases returned, `counted` the metrics, `given_up` the records that went to the
    mapping's on-failure destination, and `tickets` is every ticket as the stream last showed it.
    """

    moved: list[Moved] = field(default_factory=list)
    asked: list[tuple[tuple[str, int], Asked]] = field(default_factory=list)
    raised: Counter[tuple[str, int]] = field(default_factory=Counter)
    said: list[tuple[str, str]] = field(default_factory=list)
    counted: Counter[str] = field(default_factory=Counter)
    given_up: list[Record] = field(default_factory=list)
    tickets: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def note_record(self, record: Record) -> None:
        parsed = StreamRecord.from_event(record)
        old, new = parsed.old or {}, parsed.new or {}
        self.tickets.pop(parsed.ticket_id, None)
        if parsed.new is not None:
            self.tickets[parsed.ticket_id] = parsed.new
        source, target = old.get("diagnosis_status"), new.get("diagnosis_status")
        if source != target:
            at = float(record["dynamodb"]["ApproximateCreationDateTime"])
            generation = int(new.get("generation", old.get("generation", 0)))
            self.moved.append(Moved(at, parsed.ticket_id, generation, source, target))

    def take_metrics(self) -> None:
        """What Powertools' decorator does at the door when an invocation ends."""
        for name, metric in metrics.metric_set.items():
            self.counted[name] += int(sum(metric["Value"]))
        metrics.clear_metrics()
