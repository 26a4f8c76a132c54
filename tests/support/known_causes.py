"""A violation that comes back (local/demo/repeats), as prompts and records, and on the emulator."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from diagnose.diagnosis.checks.checking import check
from diagnose.diagnosis.known.cause import KnownCause, known_cause, violation_of
from diagnose.diagnosis.known.remembering import remembered
from diagnose.diagnosis.record import record_of
from diagnose.diagnosis.schema import Diagnosis
from diagnose.evidence.gathering import gather
from diagnose.evidence.incident import incident_of
from diagnose.evidence.inline import told_by
from diagnose.evidence.onset import onset_of
from diagnose.evidence.prompt import Prompt, build_prompt
from diagnose.evidence.redaction.redactor import Redactor
from local.claude.requests import user_text
from local.demo.repeats.answer import answer
from local.demo.repeats.incident import Shape, Size, ticket
from runtime.clock import iso
from runtime.items import storable
from tests.support.invoked_pipeline import InvokedPipeline
from tickets.feedback import Verdict
from tickets.people import Outcome, People
from tickets.table import TicketTable
from tickets.ticket import Ticket

SINCE_ONSET = timedelta(minutes=9)
DAY_SECONDS = 24 * 3600.0
SMALL = Size(lines=6, minutes=14)
"""What tells the incident stays, and tests stay quick."""
TOOK = {"input_tokens": 20_000, "output_tokens": 4_000, "cached_tokens": 0, "cost_usd": "0.08"}
"""Of a full diagnosis of an incident of the usual size."""
QUESTION = "Does the known cause hold today?"
"""How the short question begins, and no other."""
ITEMS = {
    "L131": ("L", "export started by hand"),
    "L134": ("L", "holds row locks"),
    "L156": ("L", "lock wait: 41022"),
    "L179": ("L", "ERROR POST /orders/91300"),
}
"""The items that the written answer cites by ids of the whole log, by what they say."""
THEN = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
TODAY = datetime(2026, 11, 28, 15, 0, tzinfo=UTC)


@cache
def asked(onset: datetime, shape: Shape | None = None, **more: Any) -> tuple[Ticket, Prompt]:
    """The ticket of that onset, and the prompt that is made of it nine minutes later."""
    made = Ticket.from_item(ticket("t", onset, shape, **{"size": SMALL, **more}))
    own, now = told_by(made), onset + SINCE_ONSET
    incident = incident_of(made, onset_of(made, now, own.departures), now)
    return made, build_prompt(gather(incident, [own], []), (), 30_000)


def id_of(prompt: Prompt, prefix: str, words: str) -> str:
    return next(id_ for id_, text in prompt.evidence.items() if id_.startswith(prefix) and words in text)


def diagnosis(onset: datetime, prompt: Prompt) -> Diagnosis:
    """The written answer, with the ids of that prompt."""
    text = json.dumps(answer(onset))
    for id_, (prefix, words) in ITEMS.items():
        text = text.replace(f'"{id_}"', f'"{id_of(prompt, prefix, words)}"')
    return Diagnosis.model_validate_json(text)


def confirmed(onset: datetime = THEN, prompt: Prompt | None = None, **more: Any) -> dict[str, Any]:
    """The item of a ticket that was diagnosed in full and confirmed; of that prompt, or by itself."""
    made, of_ticket = asked(onset)
    prompt = prompt or of_ticket
    found = diagnosis(onset, prompt)
    record = record_of(check(found, prompt), prompt.not_looked_at, remembered(made, found, prompt))
    at = (onset + SINCE_ONSET).timestamp()
    return {
        **ticket("then", onset, size=SMALL),
        "status": "diagnosed",
        "diagnosis_status": "done",
        "diagnosed_at": iso(at),
        "diagnosis_record": record,
        "diagnosis_usage": TOOK,
        "diagnosis_feedback": {"verdict": "confirmed", "by": "kim", "at": iso(at + 600)},
        **more,
    }


def cause(**more: Any) -> KnownCause:
    item = confirmed(**more)
    return known_cause(item, violation_of(Ticket.from_item(item)))


class Repeats:
    """Tickets of one violation on the emulator; the first has been diagnosed in full."""

    def __init__(self, pipeline: InvokedPipeline, name: str) -> None:
        self.pipeline, self.name = pipeline, name
        self._people = People(TicketTable(pipeline.tickets), pipeline.clock)
        self._met = len(pipeline.stand_in.calls)
        self._written: set[str] = set()

    @property
    def onset(self) -> datetime:
        """Of a ticket that is written now."""
        return (datetime.fromtimestamp(self.pipeline.clock.now(), UTC) - SINCE_ONSET).replace(
            second=0, microsecond=0
        )

    def known(self, verdict: Verdict | None = Verdict.CONFIRMED, **more: Any) -> dict[str, Any]:
        """The first, as it stands when it is diagnosed, with what a person says of it; then a day passes."""
        item = {**confirmed(self.onset, self._prompt()), **self._own(), "generation": 0, **more}
        item |= {"ticket_id": self._id(1), "similar_key": self.name, "diagnosis_summary": {"cause": "x"}}
        item["diagnosis_record"]["violation"] = violation_of(Ticket.from_item(item))
        said = item.pop("diagnosis_feedback")
        if verdict is not None:
            item["diagnosis_feedback"] = {**said, "verdict": verdict.value}
        self.pipeline.tickets.put_item(Item=storable(item))
        self.pipeline.clock.advance(DAY_SECONDS)
        return self.item(1)

    def _prompt(self) -> Prompt:
        """What diagnose makes of a ticket that is written now, its sources and all."""
        use_case, redact = self.pipeline.diagnose_ticket, Redactor()
        made = Ticket.from_item(ticket("t", self.onset, size=SMALL))
        own, now = told_by(made), self.onset + SINCE_ONSET
        incident, told = use_case.incidents.of(made, onset_of(made, now, own.departures), now, redact)
        context = gather(incident, [own, *told], use_case.sources, redact)
        return build_prompt(context, (), 30_000)

    def put(self, number: int, shape: Shape | None = None, **more: Any) -> None:
        made = ticket(self._id(number), self.onset, shape, size=SMALL, **{**self._own(), **more})
        self.pipeline.put(made.pop("ticket_id"), **made)

    def diagnosed(self, number: int, shape: Shape | None = None, **more: Any) -> dict[str, Any]:
        """Writes one and has it diagnosed; the item as it is then."""
        self.put(number, shape, **more)
        self.pipeline.deliver()
        return self.item(number)

    def say(self, number: int, verdict: Verdict) -> None:
        self.pipeline.clock.advance(60)
        assert self._people.feedback(self._id(number), verdict, by="kim") is Outcome.DONE

    def item(self, number: int) -> dict[str, Any]:
        return self.pipeline.item(self._id(number))

    def update(self, number: int, **changes: Any) -> None:
        self.pipeline.update(self._id(number), **changes)

    @property
    def calls(self) -> list[str]:
        """What Claude was asked since these began, answered or not: "short" or "full"."""
        calls = self.pipeline.stand_in.calls[self._met :]
        return ["short" if user_text(call.request).startswith(QUESTION) else "full" for call in calls]

    def clear(self) -> None:
        for ticket_id in self._written:
            self.pipeline.delete(ticket_id)
        self.pipeline.transitions()

    def _id(self, number: int) -> str:
        ticket_id = f"{self.name}-{number}"
        self._written.add(ticket_id)
        return ticket_id

    def _own(self) -> dict[str, Any]:
        return {"invariant_name": self.name, "violation_key": f"{self.name}:orders-api"}


def origin_of(item: Mapping[str, Any]) -> Any:
    """Where its known cause comes from; None of a full diagnosis."""
    return item["diagnosis_record"]["known_cause"]


def note_of(item: Mapping[str, Any]) -> str:
    """Why a known cause was not upheld; "" where no note says so."""
    found = [note for note in item["diagnosis_notes"] if "was not upheld" in note]
    return found[0].partition(": ")[2] if found else ""
