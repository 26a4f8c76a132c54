"""Whether a known cause is upheld: decided by code, the model can only object.

Before the question by today's evidence, after it by the answer too.
"""

from collections.abc import Mapping

from diagnose.diagnosis.checked import Checked, Result
from diagnose.diagnosis.checks.checking import BROKEN, check
from diagnose.diagnosis.confidence import CASES, Answered
from diagnose.diagnosis.known.cause import KnownCause, is_graver
from diagnose.diagnosis.known.question import Holds, Question, TooDearError, question_of
from diagnose.diagnosis.known.retelling import hop_ids, retold
from diagnose.diagnosis.known.today import Again, UnlikeError, again
from diagnose.diagnosis.reading.claims import hop_place
from diagnose.evidence.prompt import Prompt
from tickets.ticket import Ticket

OTHERWISE = ("nothing", "no evidence", "ticket only", "ill now", "over", "healthy")
"""What an answer as a whole may be (confidence.py): the verdict of then would not fit today."""


def question_about(cause: KnownCause, ticket: Ticket, whole: Prompt) -> Question:
    """The question, if all but the answer speaks for the known cause. Raises UnlikeError.

    Whatever can be told without Claude is told before, so that no call is wasted.
    """
    if ticket.members:
        raise UnlikeError("other alarms have joined this incident")
    if is_graver(ticket.severity, than=cause.severity):
        raise UnlikeError(f"it is graver than then: {ticket.severity[:40]}")
    found = again(cause, whole)
    _see_that_it_is_sound(_checked(found, {}, whole), found)
    try:
        return question_of(found, whole)
    except TooDearError as dear:
        raise UnlikeError(str(dear)) from dear


def upheld(question: Question, answer: Holds) -> Checked:
    """The known cause on today's evidence, with the results of all checks. Raises UnlikeError.

    Every step was looked at in all of its items and is there again, and what is said of it stands the same
    checks as a full diagnosis.
    """
    if answer.verdict != "holds":
        raise UnlikeError(f"asked whether it holds, Claude says: {answer.verdict.replace('_', ' ')}")
    chain = question.again.cause.answer.primary.chain
    if [each.step for each in answer.steps] != list(range(1, len(chain) + 1)):
        raise UnlikeError("the answer does not tell of each step")
    for hop, each in zip(chain, answer.steps, strict=True):
        if each.seen != "yes":
            raise UnlikeError(f"step {each.step} was not seen again: {each.seen}")
        if set(each.ids) != set(hop_ids(hop, question.again)):
            raise UnlikeError(f"step {each.step} was not looked at in its own items")
        if not each.shows.strip():
            raise UnlikeError(f"nothing is said of what step {each.step} shows today")
    seen = {number: each.shows.strip() for number, each in enumerate(answer.steps)}
    checked = _checked(question.again, seen, question.whole)
    _see_that_it_is_sound(checked, question.again)
    return checked


def _checked(found: Again, seen: Mapping[int, str], whole: Prompt) -> Checked:
    return check(retold(found, seen), whole)


def _see_that_it_is_sound(checked: Checked, found: Again) -> None:
    """No check fails or breaks, each cause of a hop deviates again, and the verdict is one for today."""
    for each in checked.checks:
        if each.result is Result.FAILED or each.name == BROKEN:
            raise UnlikeError(f"told of today, the known cause {each.says}")
    deviating = {
        each.place for each in checked.checks if each.name == "deviation" and each.result is Result.PASSED
    }
    for number in range(len(found.cause.answer.primary.chain)):
        if hop_place(number) not in deviating:
            raise UnlikeError(f"code cannot find that the cause of step {number + 1} deviates today")
    answered = Answered(checked.diagnosis, checked.checks, found.items)
    for case in CASES:
        if case.name in OTHERWISE and case.is_so(answered):
            raise UnlikeError(f"its verdict would not fit: {case.why}")
