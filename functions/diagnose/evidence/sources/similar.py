"""What earlier tickets alike were diagnosed as, what helped, and whether people found it right."""

from collections.abc import Mapping
from typing import Any

from diagnose.evidence.gathering import SOURCE_SECONDS, SecondsLeft
from diagnose.evidence.incident import Incident
from diagnose.evidence.lines import one_item, shown
from diagnose.evidence.looked import CouldNotLook, Found, FoundNothing, Looked
from diagnose.evidence.redaction.redactor import Redact, without_numbers
from diagnose.evidence.sections import Section
from diagnose.evidence.why_not import why_not
from runtime.both_ends import both_ends
from tickets.feedback import Verdict, feedback_of
from tickets.plain import plain
from tickets.queries import TicketQueries
from tickets.ticket import Ticket

MOST = 3
LONGEST = 900
TITLE = (
    "Similar tickets diagnosed earlier, hints only: the same alarm may have another cause; "
    "the ids in them are of their own evidence, not of this"
)
SAID = {
    Verdict.CONFIRMED: "a person confirmed it",
    Verdict.WRONG: "WRONG: a person found that this was not the cause",
    None: "unconfirmed: nobody has said whether it was right",
}


class SimilarTickets:
    """Those of the same violation, then of the same invariant and component, then of the same invariant."""

    name = "similar tickets"

    def __init__(self, queries: TicketQueries, seconds: float = SOURCE_SECONDS) -> None:
        self.seconds = seconds
        self._queries = queries

    def read(
        self,
        incident: Incident,
        redact: Redact,
        until: SecondsLeft,
    ) -> list[Looked]:
        ticket = incident.ticket
        place = f"diagnosed tickets of the invariant {both_ends(ticket.invariant_name, 200)}"
        try:
            found = self._queries.similar_to(ticket.similar_key, ticket.ticket_id)
        except Exception as error:  # noqa: BLE001 - no source may cost the diagnosis
            return [CouldNotLook(place, why_not(error))]
        if not found:
            return [FoundNothing(place)]
        nearest = sorted(found, key=lambda earlier: _steps_away(earlier, ticket))[:MOST]
        lines = [both_ends(one_item(redact(_told(earlier, ticket))), LONGEST) for earlier in nearest]
        if len(found) > MOST:
            lines.append(f"{len(found) - MOST} more were found, less alike or older: {_verdicts(found)}")
        return [Found((Section("similar", TITLE, "S", tuple(lines)),), earlier=tuple(found))]


def _steps_away(earlier: Mapping[str, Any], ticket: Ticket) -> int:
    """0 of the same violation, 1 on the same component, 2 elsewhere; those alike stay newest first."""
    if ticket.violation_key and _text(earlier.get("violation_key")) == ticket.violation_key:
        return 0
    return 1 if ticket.component and _text(earlier.get("component")) == ticket.component else 2


LIKENESS = ("the same violation", "the same invariant on the same component", "the same invariant elsewhere")


def _told(earlier: Mapping[str, Any], ticket: Ticket) -> str:
    """Whether it was right stands first: no text of the earlier ticket can claim it or have it cut away."""
    summary = _map(earlier.get("diagnosis_summary"))
    component = _text(earlier.get("component")) or "an unknown component"
    feedback = feedback_of(earlier)
    words = f"; the person's words: {feedback.words}" if feedback.words else ""
    return without_numbers(
        f"{SAID[feedback.verdict]}; {_text(earlier.get('ticket_id'))}, "
        f"{LIKENESS[_steps_away(earlier, ticket)]}, on {component}, "
        f"diagnosed {earlier.get('diagnosed_at')}: {summary.get('cause')} (confidence "
        f"{summary.get('confidence')}); recommended: {summary.get('action')}{words}"
    )


def _verdicts(found: list[dict[str, Any]]) -> str:
    verdicts = [feedback_of(earlier).verdict for earlier in found]
    told = [(verdicts.count(verdict), verdict) for verdict in (Verdict.CONFIRMED, Verdict.WRONG)]
    said = [f"{count} of all {verdict}" for count, verdict in told if count]
    return ", ".join(said) or "none confirmed or found wrong"


def _text(value: Any) -> str:
    return shown(plain(value)) if value is not None else ""


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
