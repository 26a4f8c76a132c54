"""What an engineer on call would look at, gathered from several sources at once."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Protocol

from diagnose.evidence.sections import Section, item, lines_of
from runtime.clock import iso
from runtime.observability import logger
from tickets.store import TicketStore
from tickets.ticket import Ticket

SOURCE_SECONDS = 5.0
SIMILAR_CHARS = 600


class Source(Protocol):
    """One place to look. What it raises, or not answering in time, costs a line in the prompt."""

    name: str

    def read(self, ticket: Ticket) -> list[Section]: ...


@dataclass(frozen=True)
class Context:
    """The sections found, and a line for each source that did not answer."""

    sections: tuple[Section, ...]
    unavailable: tuple[str, ...]


def gather(ticket: Ticket, sources: Sequence[Source], seconds: float = SOURCE_SECONDS) -> Context:
    """Reads every source at once, and waits for none longer than `seconds`."""
    pool = ThreadPoolExecutor(max_workers=max(1, len(sources)))
    reads = [(source, pool.submit(source.read, ticket)) for source in sources]
    wait([read for _, read in reads], timeout=seconds)
    pool.shutdown(wait=False, cancel_futures=True)
    sections: list[Section] = []
    unavailable: list[str] = []
    for source, read in reads:
        if not read.done():
            unavailable.append(f"{source.name}: no answer within {seconds:g} s")
        elif error := read.exception():
            logger.warning("a source of context failed", source=source.name, error=type(error).__name__)
            unavailable.append(f"{source.name}: {type(error).__name__}")
        else:
            sections += read.result()
    return Context(tuple(section for section in sections if section.lines), tuple(unavailable))


class InlineContext:
    """What the ticket itself carries.

    Its fields, metric snapshot, topology, log tail and notes on the system.
    """

    name = "the ticket"

    def read(self, ticket: Ticket) -> list[Section]:
        facts = [
            *item("message", ticket.message),
            *item("invariant", ticket.invariant_name),
            *item("component", ticket.component),
            *item("system", ticket.subject),
            *item("severity as reported", ticket.severity),
            *item("violation", ticket.violation_key),
            *item("batch", ticket.batch_key),
            *item("first seen", iso(ticket.first_seen_at.timestamp()) if ticket.first_seen_at else ""),
            *item("last seen", iso(ticket.last_seen_at.timestamp()) if ticket.last_seen_at else ""),
            *item("occurrences", str(ticket.occurrence_count)),
        ]
        return [
            Section("ticket", "Ticket", "E", tuple(facts)),
            Section("metric_snapshot", "Metric snapshot", "M", lines_of(ticket.metric_snapshot)),
            Section("topology", "Topology", "T", lines_of(ticket.topology)),
            Section("log_tail", "Log tail, oldest first", "L", lines_of(ticket.log_tail), cut_from="start"),
            Section("subject_context", "About the system", "C", lines_of(ticket.subject_context)),
        ]


class SimilarTickets:
    """Earlier tickets of the same invariant that were diagnosed, newest first."""

    name = "similar tickets"

    def __init__(self, store: TicketStore) -> None:
        self._store = store

    def read(self, ticket: Ticket) -> list[Section]:
        found = self._store.similar_to(ticket.similar_key, ticket.ticket_id)
        lines = [line for earlier in found for line in item(str(earlier["ticket_id"]), _summary(earlier))]
        return [
            Section(
                "similar", "Similar tickets diagnosed earlier (may have another cause)", "S", tuple(lines)
            )
        ]


def _summary(earlier: dict[str, object]) -> str:
    record = _map(earlier.get("diagnosis_record"))
    primary = _map(record.get("primary"))
    text = (
        f"on {earlier.get('component', 'unknown component')}, diagnosed {earlier.get('diagnosed_at')}: "
        f"{primary.get('diagnosis')} (confidence {primary.get('confidence')}); "
        f"recommended: {record.get('recommended_action')}"
    )
    return text[:SIMILAR_CHARS]


def _map(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}
