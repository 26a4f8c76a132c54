"""What needs no model: wrong answers to cases that are well are never shown as sure."""

import pytest

from diagnose.diagnosis.checks.checking import check
from diagnose.diagnosis.schema import Citation
from tests.evals.asked import Asked
from tests.evals.case import Blame
from tests.evals.without_key import as_an_incident, blamed
from tests.support.answers import DIAGNOSIS


def test_a_healthy_system_answered_as_an_incident_is_never_shown_as_sure(every: list[Asked]) -> None:
    wrong = blamed(every)

    assert len(wrong) >= 3
    assert {each.case: each.reasons for each in wrong if not each.is_capped} == {}
    assert all(each.reasons for each in wrong)


def test_one_that_has_recovered_may_be_called_so_with_confidence(by_name: dict[str, Asked]) -> None:
    asked = by_name["failover-already-over"]
    back, *_ = [id_ for id_, text in asked.prompt.evidence.items() if "back since" in text]
    primary = DIAGNOSIS.primary.model_copy(
        update={
            "diagnosis": "accounts-db failed over and is back.",
            "confidence": "high",
            "evidence": [Citation(id=back, shows="The errors are over.")],
        }
    )
    update = {"verdict": "no_action", "primary": primary, "components": []}

    assert check(DIAGNOSIS.model_copy(update=update), asked.prompt).confidence.shown == "high"


def test_a_wrong_answer_cites_items_by_what_they_say(by_name: dict[str, Asked]) -> None:
    asked = by_name["load-test"]
    assert asked.case.blamed
    [hop] = as_an_incident(asked, asked.case.blamed).primary.chain
    unknown = {"from": "a", "to": "b", "how": "", "since": "", "cites": ["said nowhere"]}

    assert all(id_ in asked.prompt.evidence for id_ in hop.evidence)
    with pytest.raises(ValueError, match="said nowhere"):
        as_an_incident(asked, Blame("", (unknown,)))
