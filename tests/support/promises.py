"""What is promised of every ticket at every moment, checked against a pipeline and its history."""

from collections import Counter, defaultdict
from typing import Any

from tests.support.history import Moved
from tests.support.stepped_pipeline import SteppedPipeline, is_finished
from tests.support.watched_claude import KNOWN_CAUSE, TIMED_OUT, Asked
from tickets.states import MOVES, DiagnosisStatus

LEGAL_MOVES = {(source, move.target) for move in MOVES for source in move.sources}
REMEDIED = ("ambiguous", "not_the_schema", "truncated")
"""Answers that are paid for, of no use, and asked for once more in the same invocation."""
LONGEST_WAIT_SECONDS = 27 * 3600.0
"""Nothing is put off for longer: the next UTC day (the spend cap)."""
LONGEST_LEASE_SECONDS = 360.0


def check(pipeline: SteppedPipeline) -> None:
    """Raises AssertionError, with what is wrong in its text, when a promise is not kept."""
    broken = [*_moves(pipeline), *_calls(pipeline)]
    for item in pipeline.items():
        broken += [f"{item['ticket_id']}: {fault}" for fault in _wake_up(item, pipeline.clock.now())]
    assert not broken, "\n".join(broken)


def _moves(pipeline: SteppedPipeline) -> list[str]:
    """Only moves of the table, `-> pending` in a new generation, `done` once in each."""
    broken = [f"not a move of the table: {moved}" for moved in pipeline.history.moved if not _is_legal(moved)]
    generations: dict[str, int] = defaultdict(lambda: -1)
    for moved in pipeline.history.moved:
        if moved.target == DiagnosisStatus.PENDING and moved.generation <= generations[moved.ticket_id]:
            broken.append(f"pending in an old generation: {moved}")
        generations[moved.ticket_id] = moved.generation
    done = Counter(
        (moved.ticket_id, moved.generation)
        for moved in pipeline.history.moved
        if moved.source == DiagnosisStatus.RUNNING and moved.target == DiagnosisStatus.DONE
    )
    return broken + [f"{times} times done: {which}" for which, times in done.items() if times > 1]


def _is_legal(moved: Moved) -> bool:
    """A producer that overwrites or deletes the ticket erases the status, and it may be put back."""
    return moved.target is None or (moved.source, moved.target) in LEGAL_MOVES


def _calls(pipeline: SteppedPipeline) -> list[str]:
    """Paid calls of a generation: one, and crashes, and time-outs, and the remedies of the table.

    And at most one question about a known cause, however often the ticket is tried.
    """
    broken = []
    by_generation: dict[tuple[str, int], list[Asked]] = defaultdict(list)
    for which, asked in pipeline.history.asked:
        by_generation[which].append(asked)
    for which, calls in by_generation.items():
        paid = [asked.outcome for asked in calls if asked.paid]
        remedies = {outcome for outcome in paid if outcome in REMEDIED}
        raised, questions = pipeline.history.raised[which], paid.count(KNOWN_CAUSE)
        allowed = 1 + raised + paid.count(TIMED_OUT) + len(remedies)
        if questions > 1 + raised:
            broken.append(f"{which} paid for {questions} questions about a known cause: {paid}")
        if len(paid) - questions > allowed:
            broken.append(f"{which} paid for {len(paid)} calls instead of {allowed}: {paid}")
    counted = sum(asked.paid for _, asked in pipeline.history.asked)
    if counted != pipeline.stand_in.answered:
        broken.append(f"the stand-in answered {pipeline.stand_in.answered} calls, {counted} were noted")
    return broken


def _wake_up(item: dict[str, Any], now: float) -> list[str]:
    """A ticket is finished, or waits with a reason and is found by sweep in bounded time."""
    if is_finished(item):
        return []
    broken = []
    if item.get("status") not in ("open", "acknowledged") and "rediagnose" not in item:
        broken.append(f"no index shows it to sweep: {item}")
    match item.get("diagnosis_status"):
        case DiagnosisStatus.DEFERRED:
            if not item.get("deferred_reason") or not item.get("deferred_for"):
                broken.append(f"waits without a reason: {item}")
            if float(item.get("not_before", 0)) > now + LONGEST_WAIT_SECONDS:
                broken.append(f"waits too long: {item}")
        case DiagnosisStatus.RUNNING:
            if float(item["lease_until"]) > now + LONGEST_LEASE_SECONDS:
                broken.append(f"claimed for too long: {item}")
    return broken
