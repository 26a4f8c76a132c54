"""What must hold of a ticket for a move to be made."""

from collections.abc import Mapping
from functools import reduce
from operator import and_
from typing import Any

from boto3.dynamodb.conditions import Attr, ConditionBase

from tickets import states
from tickets.claim import Claim
from tickets.incident import IDENTITY
from tickets.states import AWAITING_DIAGNOSIS, DiagnosisStatus, Move


def stands_before(move: Move) -> ConditionBase:
    """The ticket stands where the move may start."""
    named = Attr("diagnosis_status").is_in([source for source in move.sources if source])
    return named | Attr("diagnosis_status").not_exists() if states.ABSENT in move.sources else named


def wants_diagnosis() -> ConditionBase:
    """The ticket is open, or a person asked for a fresh diagnosis."""
    return Attr("status").is_in(list(AWAITING_DIAGNOSIS)) | Attr("rediagnose").exists()


def is_of_generation(generation: int) -> ConditionBase:
    """The ticket has not been made pending again since."""
    same = Attr("generation").eq(generation)
    return same if generation else same | Attr("generation").not_exists()


def is_at_most_of_generation(generation: int) -> ConditionBase:
    """The ticket bears no newer generation, and none at all where a producer has overwritten it."""
    return Attr("generation").not_exists() | Attr("generation").lte(generation)


def stands_as(item: Mapping[str, Any]) -> ConditionBase:
    """The ticket has made no move since it looked like this item, and its claim's lease was not renewed."""
    seen = ("diagnosis_status", "generation", "lease_until", "noticed_at")
    return reduce(and_, (_is_same(item, name) for name in seen))


def is_erased_and_tells_of(item: Mapping[str, Any]) -> ConditionBase:
    """The ticket is in no state of the pipeline's, of this item's generation, and still its incident."""
    seen = (*IDENTITY, "generation")
    return reduce(and_, (_is_same(item, name) for name in seen), Attr("diagnosis_status").not_exists())


def is_held_by(claim: Claim) -> ConditionBase:
    """The ticket is running under this claim."""
    return Attr("claim_token").eq(claim.token) & Attr("diagnosis_status").eq(DiagnosisStatus.RUNNING)


def _is_same(item: Mapping[str, Any], name: str) -> ConditionBase:
    return Attr(name).eq(item[name]) if name in item else Attr(name).not_exists()
