"""What can be measured without asking anybody: what the prompts hold, and what the checks catch."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from diagnose.diagnosis.checked import Level
from diagnose.diagnosis.checks.checking import check
from diagnose.diagnosis.schema import Citation, Component, Diagnosis, Hop, Hypothesis
from tests.evals.asked import Asked
from tests.evals.case import Blame
from tests.evals.judged import SURE


@dataclass(frozen=True)
class Sent:
    """What is sent of a case: its tokens, estimated; how many words it must hold, and which it does not."""

    case: str
    kind: str
    tokens: int
    words: int
    missing: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "case": self.case,
            "kind": self.kind,
            "prompt_tokens": self.tokens,
            "words": self.words,
            "missing": list(self.missing),
        }


@dataclass(frozen=True)
class Blamed:
    """A case that is well and was answered as an incident, surely: what is shown of that."""

    case: str
    shown: Level
    reasons: tuple[str, ...]

    @property
    def is_capped(self) -> bool:
        return self.shown != SURE


def sent(asked: Asked) -> Sent:
    case, text = asked.case, f"{asked.prompt.standing}\n{asked.prompt.user}".casefold()
    wanted = case.expected.in_prompt
    missing = tuple(word for word in wanted if word.casefold() not in text)
    return Sent(case.name, case.kind, asked.prompt.tokens, len(wanted), missing)


def blamed(each: Iterable[Asked]) -> list[Blamed]:
    """Of every case that is well the wrong answer it has, as sure as can be, after the checks."""
    found = []
    for asked in each:
        if asked.case.blamed is not None:
            confidence = check(as_an_incident(asked, asked.case.blamed), asked.prompt).confidence
            found.append(Blamed(asked.case.name, confidence.shown, confidence.reasons))
    return found


def as_an_incident(asked: Asked, blame: Blame) -> Diagnosis:
    """The wrong answer, its citations and times true to their items: only what it makes of them is wrong."""
    hops = [_hop(hop, asked.prompt.evidence) for hop in blame.hops]
    cause, *others = dict.fromkeys(name for hop in hops for name in (hop.from_component, hop.to_component))
    cited = dict.fromkeys(id_ for hop in hops for id_ in hop.evidence)
    return Diagnosis(
        verdict="action_required",
        headline=f"{blame.diagnosis} Restart {cause}.",
        timeline=[],
        components=[
            Component(name=cause, role="cause"),
            *(Component(name=name, role="symptom") for name in others),
        ],
        metric_readings=[],
        primary=Hypothesis(
            diagnosis=blame.diagnosis,
            confidence="high",
            reasoning="It explains everything.",
            evidence=[Citation(id=id_, shows=asked.prompt.evidence[id_]) for id_ in cited],
            chain=hops,
        ),
        alternatives=[],
        severity="critical",
        recommended_action=f"Restart {cause}.",
        commands=[],
        risks=[],
        missing_data=[],
    )


def _hop(said: Mapping[str, Any], evidence: Mapping[str, str]) -> Hop:
    return Hop(
        from_component=said["from"],
        to_component=said["to"],
        how=said["how"],
        since=said["since"],
        evidence=[_id_of(words, evidence) for words in _texts(said["cites"])],
    )


def _texts(values: Sequence[Any]) -> list[str]:
    return [str(value) for value in values]


def _id_of(words: str, evidence: Mapping[str, str]) -> str:
    """The first item that holds these words. Raises ValueError where none does."""
    found = next((id_ for id_, text in evidence.items() if words in text), None)
    if found is None:
        raise ValueError(f"no item of the evidence holds {words!r}")
    return found
