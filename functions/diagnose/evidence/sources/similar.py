"""What earlier tickets alike were diagnosed as."""

from collections.abc import Callable, Sequence

from diagnose.evidence.gathering import SOURCE_SECONDS
from diagnose.evidence.incident import Incident
from diagnose.evidence.lines import shown
from diagnose.evidence.looked import Found, FoundNothing, Looked
from diagnose.evidence.redaction.redactor import Redact, without_numbers
from diagnose.evidence.sections import Section, labelled
from tickets.plain import plain
from tickets.queries import TicketQueries

SIMILAR_CHARS = 600


class SimilarTickets:
    """Earlier tickets of the same invariant that were diagnosed, newest first."""

    name = "similar tickets"
    seconds = SOURCE_SECONDS

    def __init__(self, queries: TicketQueries) -> None:
        self._queries = queries

    def read(self, incident: Incident, redact: Redact, until: Callable[[], float]) -> Sequence[Looked]:
        ticket = incident.ticket
        found = self._queries.similar_to(ticket.similar_key, ticket.ticket_id)
        if not found:
            return [FoundNothing(f"diagnosed tickets of {ticket.invariant_name}")]
        told = [(str(earlier["ticket_id"]), redact(_summary(earlier))[:SIMILAR_CHARS]) for earlier in found]
        lines = [line for ticket_id, summary in told for line in labelled(ticket_id, summary)]
        title = "Similar tickets diagnosed earlier (may have another cause)"
        return [Found((Section("similar", title, "S", tuple(lines)),))]


def _summary(earlier: dict[str, object]) -> str:
    record = _map(earlier.get("diagnosis_record"))
    primary = _map(record.get("primary"))
    component = shown(plain(earlier.get("component", "unknown component")))
    return without_numbers(
        f"on {component}, diagnosed {earlier.get('diagnosed_at')}: "
        f"{primary.get('diagnosis')} (confidence {primary.get('confidence')}); "
        f"recommended: {record.get('recommended_action')}"
    )


def _map(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}
