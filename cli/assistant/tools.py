"""What an assistant may ask for and, where it is let, write: the command line's own reads and writes."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from cli.assistant.envelope import Answer, answer, piece_of
from cli.contents import former_diagnoses, why_it_waits, written_besides
from cli.deployment import Deployment
from cli.errors import CliError
from cli.one_ticket import DONE, me, people, ticket
from cli.options import Session
from cli.reading import page_of, rows_of
from cli.screen import visible
from runtime.faults import shown
from tickets.feedback import BY_AN_ASSISTANT, Verdict, feedback_of
from tickets.people import Outcome
from tickets.plain import as_json, plain
from tickets.queries import TicketQueries
from tickets.states import MAX_GENERATION
from tickets.table import TicketTable
from tickets.ticket import similar_key_of
from tickets.wake_up import TicketId
from views.listing import STATES, Choice, duration, row_of
from views.report import facts_of

MOST_ROWS = 100
NONE_ALIKE = "No other ticket of its invariant has a diagnosis."


def _state(value: str) -> str:
    if value not in STATES:
        raise ValueError(f"one of {', '.join(STATES)}")
    return value


def _age(value: str) -> str:
    try:
        return str(duration(value) and value)
    except ValueError as error:
        raise ValueError("a time such as 30m, 2h or 7d") from error


Id = Annotated[TicketId, Field(description="The ticket's id, as list_tickets gives it.")]
States = Annotated[
    list[Annotated[str, AfterValidator(_state), Field(json_schema_extra={"enum": list(STATES)})]],
    Field(description="Only tickets in these states; without any, those that are not resolved."),
]
Age = Annotated[str, AfterValidator(_age), Field(description="A time such as 30m, 2h or 7d.")]
Generation = Annotated[
    Annotated[int, Field(ge=0, le=MAX_GENERATION)] | None,
    Field(
        description="The generation that show_ticket gave: nothing is written if the ticket went on since."
    ),
]


class Tools:
    """The tools, on one stack. Raises CliError where a ticket or the stack is not to be had."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def begin_anew(self) -> None:
        """Looks up credentials, stack and tables again: whoever was signed out may sign in meanwhile."""
        self._session = Session(Deployment(self._session.deployment.where), self._session.screen)

    def list_tickets(
        self,
        states: States = [],  # noqa: B006 - is read into a schema, and never changed
        severity: str = "",
        older: Age | None = None,
        younger: Age | None = None,
        subject: str = "",
        incident: str = "",
        limit: Annotated[int, Field(ge=1, le=MOST_ROWS)] = 50,
        page: Annotated[int, Field(ge=1)] = 1,
    ) -> Answer:
        """Tickets, severest first, then oldest; without a choice those that are not resolved.

        `subject` also takes a component; `incident` gives an incident with its members.
        """
        choice = Choice(
            states=tuple(states),
            severity=severity,
            older=duration(older) if older else None,
            younger=duration(younger) if younger else None,
            subject=subject,
            incident=incident,
        )
        rows, more = page_of(rows_of(self._session.deployment, choice), limit, page)
        notes = [f"{len(rows)} tickets, {more} more: ask for page {page + 1}." if more else _count(rows)]
        return answer({"tickets": [row.as_data() for row in rows]}, notes)

    def show_ticket(self, ticket_id: Id, history: bool = False) -> Answer:
        """One ticket with its diagnosis, what keeps it from one, and what people said of it.

        `history` adds the diagnoses before the one that stands.
        """
        item = ticket(self._session, ticket_id)
        report = facts_of(item, ())
        feedback = feedback_of(item)
        data = {
            **row_of(item, datetime.now(UTC)).as_data(),
            "generation": item.get("generation", 0),
            "message": item.get("message"),
            "waits_because": why_it_waits(item),
            "held": item.get("held"),
            "members": item.get("members"),
            "headline": report["headline"],
            "verdict": report["verdict"],
            "confidence": report["cause"]["confidence"],
            "diagnosis": item.get("diagnosis"),
            "diagnosed_at": item.get("diagnosed_at"),
            "diagnosis_error": item.get("diagnosis_error"),
            "diagnosis_notes": item.get("diagnosis_notes"),
            "a_person_said": {"verdict": feedback.verdict, "words": feedback.words},
            "rediagnose": item.get("rediagnose"),
        }
        if history:
            data["former_diagnoses"] = former_diagnoses(item)
        notes = [] if item.get("diagnosis") else ["There is no diagnosis yet."]
        return answer(_given(data), [*notes, *report["unread"]])

    def evidence(
        self,
        ticket_id: Id,
        attribute: Annotated[
            str | None, Field(description="One attribute of the ticket, to read it in full.")
        ] = None,
        start: Annotated[int, Field(ge=0, description="With attribute: from which character on.")] = 0,
    ) -> Answer:
        """What the producer of a ticket wrote besides its message, and what the diagnosis cites and missed.

        With `attribute` that attribute alone, in full, a piece at a time.
        """
        item = ticket(self._session, ticket_id)
        if attribute is not None:
            return _piece(item, attribute, start)
        report = facts_of(item, ())
        data = {
            "ticket_id": ticket_id,
            "written": written_besides(item),
            "timeline": report["timeline"],
            "chain": report["cause"]["chain"],
            "confidence_reasons": report["cause"]["reasons"],
            "checks": report["cause"]["checks"],
            "not_looked_at": report["not_looked_at"],
            "missing": report["missing"],
            "notes": report["notes"],
        }
        return answer(data, report["unread"])

    def similar_tickets(self, ticket_id: Id, limit: Annotated[int, Field(ge=1, le=50)] = 10) -> Answer:
        """Earlier diagnosed tickets of the same invariant, newest first, and whether people found them right.

        Hints only: the same alarm may have another cause.
        """
        item = ticket(self._session, ticket_id)
        if not (key := similar_key_of(item.get("invariant_name"))):
            raise CliError(f"{shown(ticket_id)}: has no usable invariant_name, so nothing is alike")
        found = TicketQueries(TicketTable(self._session.deployment.tickets)).similar_to(key, ticket_id)
        verdicts = [feedback_of(each).verdict for each in found]
        said = ", ".join(f"{verdicts.count(verdict)} {verdict}" for verdict in Verdict)
        notes = [
            f"{len(found)} alike, {min(limit, len(found))} shown; by people: {said}." if found else NONE_ALIKE
        ]
        return answer({"similar": [_alike(each) for each in found[:limit]]}, notes)

    def feedback(
        self,
        ticket_id: Id,
        verdict: Literal["confirmed", "wrong"],
        words: Annotated[str, Field(description="What it was and what helped, in the user's words.")] = "",
        generation: Generation = None,
    ) -> Answer:
        """Notes in the user's name whether the diagnosis is right, in place of what was said of it before.

        Later tickets alike are told so. Only when the user says so.
        """
        outcome = people(self._session).feedback(
            ticket_id,
            Verdict(verdict),
            words,
            f"{me() or 'a person'}{BY_AN_ASSISTANT}",
            generation=generation,
        )
        return _written(ticket_id, f"the diagnosis is noted as {verdict}", outcome)

    def rediagnose(
        self,
        ticket_id: Id,
        why: Annotated[str, Field(description="Kept with the diagnosis that it replaces.")] = "",
        generation: Generation = None,
    ) -> Answer:
        """Asks for a fresh diagnosis, which costs a call to Claude. Only when the user says so."""
        outcome = people(self._session).rediagnose(ticket_id, why, generation=generation)
        return _written(ticket_id, "will be diagnosed again", outcome)


def _count(rows: list[Any]) -> str:
    return f"{len(rows)} tickets, no more." if rows else "No ticket is of that kind."


def _given(data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if value not in (None, "", [], {})}


def _piece(item: Mapping[str, Any], attribute: str, start: int) -> Answer:
    if attribute not in item:
        raise CliError(f"attribute: this ticket has none of that name, got {shown(attribute)}")
    value = plain(item[attribute])
    text = value if isinstance(value, str) else as_json(value)
    if start > len(text):
        raise CliError(f"start: must be {len(text)} or less, got {start}")
    end = start + len(piece_of(text[start:]))
    more = f": for more, start={end}" if end < len(text) else ", the end"
    data = {"attribute": visible(attribute), "text": visible(text[start:end])}
    return Answer(data, (f"Characters {start} to {end} of {len(text)}{more}.",))


def _alike(item: Mapping[str, Any]) -> dict[str, Any]:
    feedback, summary = feedback_of(item), item.get("diagnosis_summary")
    told = summary if isinstance(summary, Mapping) else {}
    return {
        **{name: item.get(name) for name in ("ticket_id", "component", "violation_key", "diagnosed_at")},
        **{name: told.get(name) for name in ("cause", "confidence", "action")},
        "a_person_said": {"verdict": feedback.verdict, "words": feedback.words},
    }


def _written(ticket_id: str, did: str, outcome: Outcome) -> Answer:
    if outcome not in DONE:
        raise CliError(f"{shown(ticket_id)}: {outcome.value}")
    said = did if outcome is Outcome.DONE else outcome.value
    return answer({"ticket_id": ticket_id, "outcome": outcome.value}, [said[0].upper() + said[1:] + "."])
