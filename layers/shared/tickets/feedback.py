"""What people say of a diagnosis: `diagnosis_feedback`, a map of `verdict` and `words`."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


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
