"""Small labels for a severity, a verdict, a state or a result: always a word, and a colour beside it."""

from rendering.html import Html, tag
from rendering.labels import EFFECTS, VERDICTS, level_words
from tickets.urgency import rank_of

BY_RANK = ("dx-bad", "dx-bad", "dx-warn", "dx-calm")
KINDS = {
    "action_required": "dx-bad",
    "action_suggested": "dx-warn",
    "no_action": "dx-good",
    "inconclusive": "dx-calm",
    "high": "dx-good",
    "medium": "dx-warn",
    "low": "dx-warn",
    "insufficient_data": "dx-bad",
    "passed": "dx-good",
    "unknown": "dx-warn",
    "failed": "dx-bad",
    "deferred": "dx-warn",
    "running": "dx-calm",
    "read_only": "dx-good",
    "changing": "dx-warn",
    "destructive": "dx-bad",
    "confirmed": "dx-good",
    "wrong": "dx-bad",
}
MOST_CHARACTERS = 60


def chip(words: str, kind: str = "") -> Html:
    return tag("span", words[:MOST_CHARACTERS], class_=f"dx-chip {kind}".strip(), dir="auto")


def of_severity(severity: str) -> Html:
    """The word as its producer wrote it."""
    return chip(severity or "warning", BY_RANK[rank_of(severity)])


def of_verdict(verdict: str) -> Html:
    """Nothing where there is none; one of another version as it stands."""
    return chip(VERDICTS.get(verdict, verdict), KINDS.get(verdict, "")) if verdict else Html("")


def of_word(word: str, before: str = "") -> Html:
    """A level, a result, an effect or a state."""
    shown = EFFECTS.get(word, level_words(word))
    return chip(f"{before}{shown}", KINDS.get(word, "")) if word else Html("")


def of_state(status: str, diagnosis_status: str) -> Html:
    """The two statuses in one; a diagnosis that is done goes without saying."""
    if diagnosis_status in ("", "done"):
        return chip(level_words(status), "dx-good" if status == "resolved" else "")
    return chip(f"{status}, {level_words(diagnosis_status)}", KINDS.get(diagnosis_status, ""))
