"""Sixty secrets are caught in every form, and what looks like one is left alone."""

from decimal import Decimal
from typing import Any

import pytest

from diagnose.evidence.inline import sections_of
from diagnose.evidence.lines import MAX_LINE_CHARS
from diagnose.evidence.prompt import build_prompt
from diagnose.evidence.redaction.redactor import Redactor
from diagnose.evidence.sections import Context
from tests.support.secret_corpus import FORMS, LOOK_ALIKES, POSITIVES, Positive, is_told
from tickets.ticket import Ticket


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


def test_a_secret_that_straddles_a_cut_is_caught() -> None:
    """The line is cut in the middle of the secret, wherever that would fall."""
    told = []
    for positive in POSITIVES:
        head = MAX_LINE_CHARS // 2 - len("(1000 characters left out)") // 2
        padding = "." * (head - len(positive.before) - len(positive.secret) // 2)
        ticket: dict[str, Any] = {
            "ticket_id": "t",
            "status": "open",
            "invariant_name": "i",
            "message": "m",
            "log_tail": f"{padding} {positive.text} {'.' * MAX_LINE_CHARS}",
        }
        sections = sections_of(Ticket.from_item(Redactor()(ticket)))
        if is_told(positive, build_prompt(Context(tuple(sections), ()), (), 100_000).user):
            told.append(positive.kind)

    assert told == []


def test_what_only_looks_like_a_secret_is_left_alone() -> None:
    harmed = [text for text in LOOK_ALIKES if Redactor()(text) != text]

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
