"""What a button writes on a ticket, and the line that says what came of it."""

from collections.abc import Callable
from functools import partial

from board.request import Action, Request
from tickets.feedback import Verdict
from tickets.people import Outcome, People

BY = "the board"
"""Who it was is not among what CloudWatch tells a widget; CloudTrail has it."""
WHY = "asked for on the board"

DONE = {
    Action.CONFIRMED: "Noted: this diagnosis is confirmed. Later tickets alike are told so.",
    Action.WRONG: "Noted: this diagnosis is wrong. Later tickets alike are told so.",
    Action.REDIAGNOSE: "This ticket will be diagnosed again.",
    Action.ACKNOWLEDGE: "This ticket is acknowledged.",
    Action.RESOLVE: "This ticket is resolved.",
    Action.HOLD: "This ticket is held: monitors do not resolve it.",
    Action.UNHOLD: "Monitors may resolve this ticket again.",
    Action.DETACH: "This ticket leaves its incident and will be diagnosed by itself.",
}
ALREADY = {
    Action.CONFIRMED: "Nothing to do: this diagnosis was confirmed before.",
    Action.WRONG: "Nothing to do: this diagnosis was called wrong before.",
    Action.REDIAGNOSE: "Nothing to do: a fresh diagnosis is asked for already.",
    Action.ACKNOWLEDGE: "Nothing to do: this ticket is acknowledged or resolved already.",
    Action.RESOLVE: "Nothing to do: this ticket is resolved already.",
    Action.HOLD: "Nothing to do: this ticket is held already.",
    Action.UNHOLD: "Nothing to do: this ticket is not held.",
    Action.DETACH: "Nothing to do: it was asked for already.",
}
REFUSED = {
    Outcome.UNKNOWN: "Nothing was written: there is no such ticket any more.",
    Outcome.STALE: "Nothing was written: the ticket has gone on since that page. This is how it is now.",
    Outcome.NOT_DIAGNOSED: "Nothing was written: the ticket has no diagnosis at the moment.",
    Outcome.NO_MEMBER: "Nothing was written: the ticket is no member of an incident.",
}


def press(people: People, ticket_id: str, action: Action, request: Request) -> tuple[Outcome, str]:
    """What came of it, and the line for people. Raises botocore's errors when AWS is in trouble."""
    why = f"{WHY}: {request.words}" if request.words.strip() else WHY
    judged = partial(people.feedback, words=request.words, by=BY, diagnosed_at=request.diagnosed_at)
    writes: dict[Action, Callable[..., Outcome]] = {
        Action.CONFIRMED: partial(judged, verdict=Verdict.CONFIRMED),
        Action.WRONG: partial(judged, verdict=Verdict.WRONG),
        Action.REDIAGNOSE: partial(people.rediagnose, why=why),
        Action.ACKNOWLEDGE: partial(people.acknowledge, by=BY),
        Action.RESOLVE: people.resolve,
        Action.HOLD: people.hold,
        Action.UNHOLD: people.unhold,
        Action.DETACH: partial(people.detach, why=why),
    }
    outcome = writes[action](ticket_id, generation=request.generation)
    return outcome, {Outcome.DONE: DONE[action], Outcome.ALREADY: ALREADY[action], **REFUSED}[outcome]
