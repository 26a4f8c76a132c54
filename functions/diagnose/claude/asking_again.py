"""Asking once more, where a setting says so: which failures the model is shown, and which answer is kept."""

from dataclasses import replace

from diagnose.diagnosis.answer import Reply
from diagnose.diagnosis.checked import Result

MOST_SHOWN = 10


def failures(reply: Reply) -> tuple[str, ...]:
    """What failed in an answer, a line each; what is unknown is no reason to ask again."""
    failed = [each for each in reply.checked.checks if each.result is Result.FAILED]
    return tuple(dict.fromkeys(f"{each.place}: your answer {each.says}" for each in failed))[:MOST_SHOWN]


def better(first: Reply, second: Reply) -> Reply:
    """The answer in which fewer checks failed, the second of two alike; both were paid for."""
    kept = second if _failed(second) <= _failed(first) else first
    return replace(kept, used=second.used, asked_again=True)


def _failed(reply: Reply) -> int:
    return sum(each.result is Result.FAILED for each in reply.checked.checks)
