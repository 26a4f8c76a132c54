"""How sure an answer may be called, by a table: what failed caps the most, what is unknown less."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from diagnose.diagnosis.checked import Check, Confidence, Level, Result
from diagnose.diagnosis.reading.claims import hop_place
from diagnose.diagnosis.reading.items import FOUND, Items
from diagnose.diagnosis.schema import Diagnosis
from diagnose.evidence.facts import Fact, Kind

LEVELS: tuple[Level, ...] = ("insufficient_data", "low", "medium", "high")

AT_MOST_FAILED: Mapping[str, Level] = {
    "id": "low",
    "guidance": "medium",
    "absence": "low",
    "figure": "low",
    "words": "medium",
    "component": "low",
    "metric": "medium",
    "time": "medium",
    "edge": "low",
    "deviation": "low",
    "order": "low",
    "connected": "low",
    "command": "medium",
}
"""The most that an answer may be called with a check failed that its cause rests on."""
AT_MOST_BESIDE: Level = "medium"
"""The same for a check failed in an alternative: the cause may be right all the same."""
AT_MOST_UNKNOWN: Mapping[str, Level] = {
    "broken": "medium",
    "length": "medium",
    "hint": "low",
    "absence": "medium",
    "component": "medium",
    "edge": "medium",
    "deviation": "medium",
    "order": "medium",
}
"""The most with a check whose result is unknown; what is not here caps nothing."""
HOP_CHECKS = ("edge", "deviation", "order", "connected")
LAST_LINES = 5
MOST_REASONS = 5


@dataclass(frozen=True)
class Answered:
    """An answer, the results of its checks, and its evidence."""

    diagnosis: Diagnosis
    checks: Sequence[Check]
    items: Items

    @property
    def cited(self) -> list[str]:
        """What the cause rests on, as far as it is there."""
        primary = self.diagnosis.primary
        ids = [citation.id for citation in primary.evidence]
        return self.items.there([*ids, *(id_ for hop in primary.chain for id_ in hop.evidence)])


@dataclass(frozen=True)
class Case:
    """What an answer is capped to as a whole, and of what kind it is; `why` completes "at most low: "."""

    name: str
    at_most: Level
    why: str
    is_so: Callable[[Answered], bool]


def confidence_of(diagnosis: Diagnosis, checks: Sequence[Check], items: Items) -> Confidence:
    """What the model said, and the lowest of it and of all caps, with a line for each that lowers it."""
    said: Level = diagnosis.primary.confidence
    answer = Answered(diagnosis, checks, items)
    caps = [(case.at_most, case.why) for case in CASES if case.is_so(answer)]
    caps += _of_checks(checks)
    lower = dict.fromkeys(cap for cap in caps if _rank(cap[0]) < _rank(said))
    in_order = sorted(lower, key=lambda cap: _rank(cap[0]))
    shown: Level = in_order[0][0] if in_order else said
    reasons = [f"at most {told(level)}: {why}" for level, why in in_order[:MOST_REASONS]]
    if len(in_order) > MOST_REASONS:
        reasons.append(f"and {len(in_order) - MOST_REASONS} more doubts")
    return Confidence(said, shown, tuple(reasons))


def told(level: Level) -> str:
    return level.replace("_", " ")


Cap = tuple[Level, str]


def _rank(level: Level) -> int:
    return LEVELS.index(level)


def _of_checks(checks: Iterable[Check]) -> Iterator[Cap]:
    for check in checks:
        if check.result is Result.FAILED:
            beside = check.place.startswith("alternatives")
            yield (AT_MOST_BESIDE if beside else AT_MOST_FAILED[check.name]), f"the diagnosis {check.says}"
        elif check.result is Result.UNKNOWN and check.name in AT_MOST_UNKNOWN:
            yield AT_MOST_UNKNOWN[check.name], f"the diagnosis {check.says}"


def _rests_on_nothing(answer: Answered) -> bool:
    more = [reading.evidence for reading in answer.diagnosis.metric_readings]
    more += [id_ for entry in answer.diagnosis.timeline for id_ in entry.evidence]
    return not answer.cited and not answer.items.there(more)


def _cites_nothing(answer: Answered) -> bool:
    return not answer.cited


def _rests_on_the_ticket(answer: Answered) -> bool:
    return bool(answer.cited) and not any(map(answer.items.is_observed, answer.cited))


def _first_hop_unchecked(answer: Answered) -> bool:
    if not answer.diagnosis.primary.chain:
        return answer.diagnosis.verdict != "no_action"
    first = {check.name: check.result for check in answer.checks if check.place == hop_place(0)}
    return any(first.get(name) is not Result.PASSED for name in HOP_CHECKS)


def _is_ill_now(answer: Answered) -> bool:
    """No action is asked for while something goes on."""
    return answer.diagnosis.verdict == "no_action" and any(_going_on(answer.items))


def _is_over(answer: Answered) -> bool:
    """Something near had deviated or rung, all of it is over, and no log has ended in an error since."""
    if answer.diagnosis.verdict != "action_required":
        return False
    items = answer.items
    return any(fact.over_at for _, fact in _near(items)) and not any(_going_on(items))


def _near(items: Items) -> Iterator[tuple[str, Fact]]:
    """What deviates or rings near the incident, but for the lines of logs."""
    for id_, fact in items.facts.items():
        is_log = items.section(id_).startswith("log")
        if fact.kind in (Kind.DEVIATION, Kind.ALARM) and fact.is_near and not is_log:
            yield id_, fact


def _going_on(items: Items) -> Iterator[str]:
    """What near deviates or rings and is not over, and errors that a log ends in since the rest is over."""
    near = list(_near(items))
    yield from (id_ for id_, fact in near if fact.over_at is None)
    over = max((fact.over_at for _, fact in near if fact.over_at), default=None)
    for id_ in items.log_ends(LAST_LINES):
        fact = items.facts.get(id_)
        if fact and fact.kind is Kind.ERROR and not (over and fact.at and fact.at <= over):
            yield id_


def _is_healthy(answer: Answered) -> bool:
    """Code compared metrics with their past, and found nothing: no departure, error, change or alarm near."""
    kinds = {fact.kind for fact in answer.items.facts.values() if fact.is_near}
    return answer.diagnosis.verdict == "action_required" and Kind.USUAL in kinds and not kinds & FOUND


CASES = (
    Case(
        "nothing",
        "insufficient_data",
        "the answer cites nothing that is in the evidence",
        _rests_on_nothing,
    ),
    Case("no evidence", "low", "the cause cites nothing that is in the evidence", _cites_nothing),
    Case(
        "ticket only",
        "low",
        "the cause rests on nothing but what the ticket itself says",
        _rests_on_the_ticket,
    ),
    Case(
        "first hop",
        "medium",
        "no chain whose first step was checked leads to the cause",
        _first_hop_unchecked,
    ),
    Case("ill now", "medium", "no action is asked for while something still deviates or fails", _is_ill_now),
    Case("over", "medium", "action is required where all that deviated is over", _is_over),
    Case("healthy", "low", "action is required where code found nothing out of the usual", _is_healthy),
)
"""The most that an answer of a kind may be called, whatever the single checks say."""
