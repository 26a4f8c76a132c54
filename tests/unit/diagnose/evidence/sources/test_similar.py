"""What earlier tickets alike were diagnosed as, and what people said of it."""

from typing import Any, cast

import pytest

from diagnose.evidence.gathering import gather
from diagnose.evidence.looked import Found, FoundNothing, Looked
from diagnose.evidence.redaction.redactor import Redactor
from diagnose.evidence.sections import Section
from diagnose.evidence.sources.similar import LONGEST, SimilarTickets
from tests.support.incidents import incident
from tickets.queries import TicketQueries


class Diagnosed:
    """The index of diagnosed tickets, newest first."""

    def __init__(self, *items: dict[str, Any]) -> None:
        self._items = items

    def similar_to(self, similar_key: str, ticket_id: str) -> list[dict[str, Any]]:
        return [item for item in self._items if similar_key == "disk_latency"]


def looked(*items: dict[str, Any]) -> Looked:
    source = SimilarTickets(cast("TicketQueries", Diagnosed(*items)))
    told = incident(violation_key="disk_latency:7", component="tikv-4")
    [found] = source.read(told, Redactor(), lambda: 5.0)
    return found


def similar(*items: dict[str, Any]) -> Section:
    found = looked(*items)
    assert isinstance(found, Found)
    [section] = found.sections
    return section


def earlier(
    ticket_id: str, component: str = "tikv-9", action: str = "replace it", **more: Any
) -> dict[str, Any]:
    return {
        "ticket_id": ticket_id,
        "component": component,
        "diagnosed_at": "2026-11-01T00:00:00.000Z",
        "diagnosis_summary": {"cause": "a worn disk", "confidence": "high", "action": action},
        **more,
    }


def test_each_is_one_line_with_cause_verdict_and_action() -> None:
    said = {"verdict": "confirmed", "words": "SMART said so"}
    section = similar(earlier("t-1", "tikv-4", diagnosis_feedback=said))

    assert section.lines == (
        (
            "t-1, the same invariant on the same component, on tikv-4, diagnosed 2026-11-01T00:00:00.000Z: "
            "a worn disk (confidence high); a person confirmed it (SMART said so); recommended: replace it"
        ),
    )


def test_a_wrong_one_is_shown_as_wrong_and_an_unconfirmed_one_as_that() -> None:
    wrong, open_ = similar(
        earlier("t-1", diagnosis_feedback={"verdict": "wrong", "words": "it was the fan"}), earlier("t-2")
    ).lines

    assert "WRONG: a person found that this was not the cause (it was the fan)" in wrong
    assert "unconfirmed: nobody has said whether it was right" in open_


def test_the_same_violation_goes_before_the_same_component_and_that_before_others() -> None:
    section = similar(
        earlier("t-5"),
        earlier("t-4"),
        earlier("t-3", "tikv-4"),
        earlier("t-2", violation_key="disk_latency:7"),
        earlier("t-1", diagnosis_feedback={"verdict": "wrong"}),
    )

    assert [line.partition(",")[0] for line in section.lines[:3]] == ["t-2", "t-3", "t-5"]
    assert section.lines[3] == "2 more were found, less alike or older: 1 of all wrong"


def test_those_equally_alike_stay_newest_first() -> None:
    section = similar(earlier("t-3"), earlier("t-1"), earlier("t-2"))

    assert [line.partition(",")[0] for line in section.lines] == ["t-3", "t-1", "t-2"]


def test_a_secret_is_taken_out_before_a_long_one_is_cut() -> None:
    secret = "gh" + "p_" + "a1B2" * 9
    for length in range(LONGEST - 300, LONGEST, 7):
        section = similar(earlier("t-1", action=f"{'x' * length} {secret} {'y' * length}"))

        assert "gh" + "p_" not in section.lines[0]
        assert len(section.lines[0]) <= LONGEST


def test_the_numbers_of_an_earlier_prompts_placeholders_are_left_out() -> None:
    section = similar(earlier("t-1", action="revoke [redacted password 3]"))

    assert section.lines[0].endswith("revoke [redacted password]")


@pytest.mark.parametrize("summary", [None, "text", {}, {"cause": {"a": 1}}, ["a"]], ids=str)
def test_one_of_another_shape_does_not_cost_the_others(summary: object) -> None:
    section = similar(earlier("t-1", diagnosis_summary=summary), earlier("t-2"))

    assert section.lines[-1].startswith("t-2, ")


def test_without_any_the_prompt_says_of_which_kind_there_is_none() -> None:
    assert looked() == FoundNothing("diagnosed tickets of the invariant disk_latency")


def test_when_their_table_is_away_that_costs_one_line() -> None:
    context = gather(incident(), (), [SimilarTickets(cast("TicketQueries", None))])

    assert context.gaps == (
        "could not look: diagnosed tickets of the invariant disk_latency: faulty: AttributeError",
    )
