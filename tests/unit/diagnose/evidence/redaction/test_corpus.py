"""Sixty secrets are caught in every form, and what looks like one is left alone."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest

from diagnose.evidence.inline import sections_of
from diagnose.evidence.lines import MAX_LINE_CHARS
from diagnose.evidence.prompt import FRAME_TOKENS, Prompt, build_prompt
from diagnose.evidence.redaction.redactor import Redactor
from diagnose.evidence.redaction.ticket import redacted_ticket
from diagnose.evidence.sections import Context
from runtime.both_ends import both_ends
from tests.support.secret_corpus import FORMS, LOOK_ALIKES, POSITIVES, Positive, is_told

TICKET = {"ticket_id": "t", "status": "open", "invariant_name": "i", "message": "m"}


@pytest.mark.parametrize("form", FORMS)
def test_every_secret_of_the_corpus_is_caught(form: str) -> None:
    missed = []
    for positive in POSITIVES:
        redactor = Redactor()
        text = redactor(FORMS[form](positive))
        if is_told(positive, text) or positive.kind not in redactor.counts:
            missed.append((positive.kind, text))

    assert len(POSITIVES) == 60
    assert missed == []


PADDING = "............ " * 200
CUTS: dict[str, tuple[str, int]] = {
    "a long line": ("log_tail", 100_000),
    "a long line of a log that is reduced": ("log_tail", FRAME_TOKENS + 500),
    "a long line of a section that is shortened": ("topology", FRAME_TOKENS + 500),
    "a long message": ("message", 100_000),
}
"""Where lines are cut: the field, and a budget in which the cut is made."""


def prompt_with(line: str, field: str, budget: int) -> Prompt:
    ticket: dict[str, Any] = {**TICKET, field: line, "subject_context": "a note\n" * 200}
    sections = sections_of(redacted_ticket(ticket, Redactor()))
    return build_prompt(Context(tuple(sections), ()), (), budget)


def place_of_the_cut(field: str, budget: int) -> int:
    """How much of the beginning of a long line is left."""
    [cut] = [
        text for text in prompt_with(PADDING, field, budget).evidence.values() if " left out) … " in text
    ]
    return cut.index(" … (") - len("message: ") * (field == "message")


@pytest.mark.parametrize("cut", CUTS)
def test_a_secret_that_straddles_a_cut_is_caught(cut: str) -> None:
    """The line would be cut in the middle of the secret."""
    field, budget = CUTS[cut]
    head = place_of_the_cut(field, budget)
    told = []
    for positive in POSITIVES:
        before = max(0, head - len(positive.before) - len(positive.secret) // 2)
        prompt = prompt_with(f"{PADDING[:before]} {positive.text} {PADDING}", field, budget)
        if is_told(positive, prompt.standing + prompt.user):
            told.append(positive.kind)

    assert told == []


def test_a_cut_would_tell_half_of_a_secret_if_it_came_first() -> None:
    """What the test above would miss: the same line, cut before it is redacted, tells half of a key."""
    key = next(positive for positive in POSITIVES if positive.kind == "aws-access-key")
    told = [
        is_told(key, Redactor()(both_ends(f"{'.' * place}{key.secret}{'.' * 4000}", MAX_LINE_CHARS)))
        for place in range(MAX_LINE_CHARS // 2 - 60, MAX_LINE_CHARS // 2)
    ]

    assert any(told)


ALIKE: dict[str, Callable[[str], str]] = {
    "as it is": lambda text: text,
    "in JSON": lambda text: json.dumps({"level": "info", "message": text}),
    "in JSON in JSON": lambda text: json.dumps({"log": json.dumps({"message": text})}),
    "in a URL": lambda text: f"GET https://a.example.com/cb?next={quote(text, safe='')}&n=1",
    "split across lines": lambda text: f"{text[: len(text) // 2]}\n{text[len(text) // 2 :]}",
    "at a cut": lambda text: both_ends(f"{PADDING[:980]}{text}{PADDING}", MAX_LINE_CHARS),
}


@pytest.mark.parametrize("form", ALIKE)
def test_what_only_looks_like_a_secret_is_left_alone(form: str) -> None:
    written = [ALIKE[form](text) for text in LOOK_ALIKES]
    harmed = [text for text in written if Redactor()(text) != text]

    assert len(LOOK_ALIKES) == 60
    assert len(harmed) <= 2, harmed


@pytest.mark.parametrize("positive", POSITIVES, ids=lambda positive: positive.kind)
def test_what_stands_beside_a_secret_is_kept(positive: Positive) -> None:
    before, after = "02:11:05 INFO pool 12/200 ", " 41.20 ms T-17"

    text = Redactor()(f"{before}{positive.text}\n{after}")

    assert text.startswith(before)
    assert text.endswith(after)


def test_figures_are_left_as_they_are() -> None:
    snapshot = {"bytes": Decimal(4111111111111111), "password_age_days": 90, "up": True, "level": None}

    assert Redactor()(snapshot) == snapshot
