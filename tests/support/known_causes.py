"""A violation that comes back, on the emulator: the incident of local/demo/repeats at the test's own times."""

from datetime import UTC, datetime, timedelta
from typing import Any

from local.claude.faults import Fault, Kind
from local.claude.requests import user_text
from local.demo.repeats.answer import answer
from local.demo.repeats.incident import Shape, ticket
from tests.support.invoked_pipeline import InvokedPipeline
from tickets.feedback import Verdict
from tickets.people import Outcome, People
from tickets.table import TicketTable

SINCE_ONSET = timedelta(minutes=9)
DAY_SECONDS = 24 * 3600.0
QUESTION = "Does the known cause hold today?"
"""How the short question begins, and no other."""


class Repeats:
    """Tickets of one violation; each has what it says of itself written as a producer does."""

    def __init__(self, pipeline: InvokedPipeline, name: str) -> None:
        self.pipeline, self.name = pipeline, name
        self._people = People(TicketTable(pipeline.tickets), pipeline.clock)
        self._met = len(pipeline.stand_in.calls)

    @property
    def onset(self) -> datetime:
        """Of a ticket that is written now."""
        return datetime.fromtimestamp(self.pipeline.clock.now(), UTC) - SINCE_ONSET

    def put(self, number: int, shape: Shape | None = None, **more: Any) -> str:
        """Writes one; gives back its id."""
        own = {"invariant_name": self.name, "violation_key": f"{self.name}:orders-api", **more}
        made = ticket(f"{self.name}-{number}", self.onset, shape, **own)
        self.pipeline.put(made.pop("ticket_id"), **made)
        return f"{self.name}-{number}"

    def diagnosed(self, number: int, shape: Shape | None = None, **more: Any) -> dict[str, Any]:
        """Writes one and has it diagnosed; the item as it is then."""
        ticket_id = self.put(number, shape, **more)
        self.pipeline.deliver()
        return self.pipeline.item(ticket_id)

    def known(self, number: int = 1, verdict: Verdict | None = Verdict.CONFIRMED) -> dict[str, Any]:
        """One diagnosed in full, with an answer written by hand, and what a person says of it; a day passes."""
        self.pipeline.stand_in.script(Fault(Kind.ANSWER, answer=answer(self.onset)))
        found = self.diagnosed(number)
        assert found["diagnosis_record"]["confidence"]["shown"] == "high", found["diagnosis"]
        if verdict is not None:
            self.say(number, verdict)
        self.pipeline.clock.advance(DAY_SECONDS)
        return found

    def say(self, number: int, verdict: Verdict) -> None:
        self.pipeline.clock.advance(60)
        assert self._people.feedback(f"{self.name}-{number}", verdict, by="kim") is Outcome.DONE

    def item(self, number: int) -> dict[str, Any]:
        return self.pipeline.item(f"{self.name}-{number}")

    @property
    def calls(self) -> list[str]:
        """What Claude was asked since these began, answered or not: "short" or "full"."""
        calls = self.pipeline.stand_in.calls[self._met :]
        return ["short" if user_text(call.request).startswith(QUESTION) else "full" for call in calls]


def origin_of(item: dict[str, Any]) -> Any:
    """Where its known cause comes from; None of a full diagnosis."""
    return item["diagnosis_record"]["known_cause"]


def note_of(item: dict[str, Any]) -> str:
    """Why a known cause was not upheld; "" where no note says so."""
    said = [note for note in item["diagnosis_notes"] if "was not upheld" in note]
    return said[0].partition(": ")[2] if said else ""
