"""What people say of a diagnosis: `diagnosis_feedback`, a map of `verdict` and `words`."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

BY_AN_ASSISTANT = ", by an assistant"
"""How the name under `by` ends where an assistant has written in a person's name."""


class Verdict(StrEnum):
    """Whether the diagnosis was right; without one it is unconfirmed."""

    CONFIRMED = "confirmed"
    WRONG = "wrong"


@dataclass(frozen=True)
class Feedback:
    """A person's verdict and words; None and empty where there are none that can be understood."""

    verdict: Verdict | None = None
    words: str = ""


def feedback_of(item: Mapping[str, Any]) -> Feedback:
    """What a ticket's item says; the verdict in any case, also alone instead of the map."""
    value = item.get("diagnosis_feedback")
    told: Mapping[str, Any] = value if isinstance(value, Mapping) else {"verdict": value}
    said, words = told.get("verdict"), told.get("words")
    text = said.strip().lower() if isinstance(said, str) else ""
    verdict = Verdict(text) if text in list(Verdict) else None
    return Feedback(verdict, words.strip() if isinstance(words, str) else "")


def is_confirmed_by_a_person(item: Mapping[str, Any]) -> bool:
    """Whether a person has confirmed the diagnosis: an assistant that wrote in one's name is none."""
    value = item.get("diagnosis_feedback")
    by = str(value.get("by", "")) if isinstance(value, Mapping) else ""
    return feedback_of(item).verdict is Verdict.CONFIRMED and not by.endswith(BY_AN_ASSISTANT)
