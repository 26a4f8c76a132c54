"""Reading the answer to the question about a known cause."""

from capacity.buckets import Used
from diagnose.claude.json_text import read_json
from diagnose.diagnosis.answer import Answer, Reply
from diagnose.diagnosis.known.deciding import upheld
from diagnose.diagnosis.known.question import Holds, Question
from diagnose.diagnosis.known.today import UnlikeError
from runtime.observability import logger


def known_cause_in(answer: Answer, question: Question, used: Used) -> Reply:
    """The known cause, upheld by an answer; `used` is all that was paid for.

    Raises UnlikeError where it is not, whatever the answer is, and whatever breaks in reading it: a full
    diagnosis can still be made, and one failure of ours must not have the question paid for again.
    """
    try:
        checked = upheld(question, _read(answer))
    except UnlikeError:
        raise
    except Exception as error:
        logger.exception("a known cause could not be checked")
        raise UnlikeError("it could not be checked") from error
    origin = question.again.cause.origin
    return Reply(checked, question.whole, answer, used, known=origin, sent=question.prompt)


def _read(answer: Answer) -> Holds:
    if answer.stop_reason != "end_turn":
        raise UnlikeError(f"the question was not answered ({answer.stop_reason})")
    try:
        return Holds.model_validate(read_json(answer.text))
    except ValueError as error:
        raise UnlikeError("the question was answered otherwise than it was asked") from error
