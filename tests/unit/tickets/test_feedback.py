"""What people say of a diagnosis, however they write it."""

from typing import Any

import pytest

from tickets.feedback import Feedback, Verdict, feedback_of


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({"verdict": "confirmed", "words": "the pool"}, Feedback(Verdict.CONFIRMED, "the pool")),
        ({"verdict": "wrong"}, Feedback(Verdict.WRONG)),
        ({"verdict": " Wrong ", "words": 7}, Feedback(Verdict.WRONG)),
        ("confirmed", Feedback(Verdict.CONFIRMED)),
        ({"verdict": "perhaps", "words": "see t-7"}, Feedback(None, "see t-7")),
        (None, Feedback()),
        (["wrong"], Feedback()),
    ],
)
def test_feedback_is_read_as_it_was_meant(written: Any, said: Feedback) -> None:
    assert feedback_of({"ticket_id": "t-1", "diagnosis_feedback": written}) == said


def test_a_ticket_nobody_spoke_of_is_unconfirmed() -> None:
    assert feedback_of({"ticket_id": "t-1"}) == Feedback()
