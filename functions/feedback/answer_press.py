"""The use case: what a button says is written on the ticket, and answered in one line."""

from functools import partial

from feedback.press import Action, Press
from runtime.echo import echoed
from tickets.feedback import Verdict
from tickets.people import Outcome, People

BY = "the chat"
"""Who it was is not among what a button may pass on."""
WHY = "asked for in the chat"

DONE = {
    Action.CONFIRMED: "Noted: the diagnosis of {ticket} is confirmed. Later tickets alike are told so.",
    Action.WRONG: "Noted: the diagnosis of {ticket} is wrong. Later tickets alike are told so.",
    Action.REDIAGNOSE: "{ticket} will be diagnosed again.",
    Action.ACKNOWLEDGE: "{ticket} is acknowledged.",
}
ALREADY = {
    Action.CONFIRMED: "Nothing to do: the diagnosis of {ticket} was confirmed before.",
    Action.WRONG: "Nothing to do: the diagnosis of {ticket} was called wrong before.",
    Action.REDIAGNOSE: "Nothing to do: a fresh diagnosis of {ticket} is asked for already.",
    Action.ACKNOWLEDGE: "Nothing to do: {ticket} is acknowledged or resolved already.",
}
REFUSED = {
    Outcome.UNKNOWN: "Nothing was written: there is no ticket {ticket}.",
    Outcome.STALE: "Nothing was written: {ticket} has gone on since this message. Use its newest one.",
    Outcome.NOT_DIAGNOSED: "Nothing was written: {ticket} has no diagnosis at the moment.",
}


def answer_press(people: People, press: Press) -> tuple[Outcome, str]:
    """What came of it, and the line that says so. Raises botocore's errors when AWS is in trouble."""
    write = {
        Action.CONFIRMED: partial(people.feedback, verdict=Verdict.CONFIRMED, words=press.words, by=BY),
        Action.WRONG: partial(people.feedback, verdict=Verdict.WRONG, words=press.words, by=BY),
        Action.REDIAGNOSE: partial(people.rediagnose, why=f"{WHY}: {press.words}" if press.words else WHY),
        Action.ACKNOWLEDGE: partial(people.acknowledge, by=BY),
    }[press.action]
    outcome = write(press.ticket_id, generation=press.generation)
    lines = {Outcome.DONE: DONE[press.action], Outcome.ALREADY: ALREADY[press.action], **REFUSED}
    return outcome, lines[outcome].format(ticket=echoed(press.ticket_id))
