"""What an answer claims with ids behind it, in one shape, and no more of it than is worth reading."""

from collections.abc import Iterator
from dataclasses import dataclass

from diagnose.diagnosis.checked import Check, Result
from diagnose.diagnosis.schema import Citation, Diagnosis, Hop, MetricReading

PRIMARY_EVIDENCE = "primary.evidence"
MOST_CLAIMS = 600
MOST_HOPS = 60
MOST_READINGS = 200
MOST_COMPONENTS = 100
MOST_IDS = 40
LONGEST = 3_000
"""Characters of one claim. An answer that a person can use stays far below each of these."""


@dataclass(frozen=True)
class Claim:
    """One claim: its place in the answer, what it says, the time that it names, and the items it rests on.

    `is_hop`: it is a step of the chain, whose own checks look at what its items are.
    """

    place: str
    text: str
    ids: tuple[str, ...]
    at: str = ""
    is_hop: bool = False


@dataclass(frozen=True)
class Claims:
    """All that is checked of an answer; `unread` says what is not."""

    cited: tuple[Claim, ...]
    hops: tuple[Hop, ...]
    readings: tuple[MetricReading, ...]
    components: tuple[str, ...]
    unread: tuple[Check, ...]


def claims_of(diagnosis: Diagnosis) -> Claims:
    """The claims of an answer; what goes beyond the bounds is unknown."""
    every = list(_claims(diagnosis))
    names = [each.name for each in diagnosis.components]
    unread = [
        *_beyond("claims", len(every), MOST_CLAIMS),
        *_beyond("hops", len(diagnosis.primary.chain), MOST_HOPS),
        *_beyond("metric readings", len(diagnosis.metric_readings), MOST_READINGS),
        *_beyond("components", len(names), MOST_COMPONENTS),
        *(
            Check("length", claim.place, Result.UNKNOWN, "says more in one place than is checked")
            for claim in every[:MOST_CLAIMS]
            if max(len(claim.text), len(claim.at)) > LONGEST or len(claim.ids) > MOST_IDS
        ),
    ]
    return Claims(
        tuple(_short(claim) for claim in every[:MOST_CLAIMS]),
        tuple(diagnosis.primary.chain[:MOST_HOPS]),
        tuple(diagnosis.metric_readings[:MOST_READINGS]),
        tuple(names[:MOST_COMPONENTS]),
        tuple(unread),
    )


def hop_place(number: int) -> str:
    return f"primary.chain[{number}]"


def _claims(diagnosis: Diagnosis) -> Iterator[Claim]:
    primary = diagnosis.primary
    yield from _citations(PRIMARY_EVIDENCE, primary.evidence)
    for number, hop in enumerate(primary.chain[:MOST_HOPS]):
        yield Claim(hop_place(number), hop.how, tuple(hop.evidence), hop.since, is_hop=True)
    for number, entry in enumerate(diagnosis.timeline):
        yield Claim(f"timeline[{number}]", entry.event, tuple(entry.evidence), entry.at)
    for number, alternative in enumerate(diagnosis.alternatives):
        yield from _citations(f"alternatives[{number}].supporting", alternative.supporting)
        yield from _citations(f"alternatives[{number}].contradicting", alternative.contradicting)


def _citations(place: str, citations: list[Citation]) -> Iterator[Claim]:
    for number, each in enumerate(citations):
        yield Claim(f"{place}[{number}]", each.shows, (each.id,))


def _short(claim: Claim) -> Claim:
    return Claim(claim.place, claim.text[:LONGEST], claim.ids[:MOST_IDS], claim.at[:LONGEST], claim.is_hop)


def _beyond(what: str, count: int, most: int) -> list[Check]:
    says = f"has {count:,} {what}, of which {most:,} are checked"
    return [Check("length", what, Result.UNKNOWN, says)] if count > most else []
