"""What earlier tickets alike were diagnosed as, and what people said of it."""

import re
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


def ids_of(section: Section) -> list[str]:
    return re.findall(r"; (t-\d), the same", "\n".join(section.lines))


def test_each_is_one_line_with_cause_verdict_and_action() -> None:
    said = {"verdict": "confirmed", "words": "SMART said so"}
    section = similar(earlier("t-1", "tikv-4", diagnosis_feedback=said))

    assert section.lines == (
        (
            "a person confirmed it; t-1, the same invariant on the same component, on tikv-4, diagnosed "
            "2026-11-01T00:00:00.000Z: a worn disk (confidence high); recommended: replace it; "
            "the person's words: SMART said so"
        ),
    )


def test_a_wrong_one_is_shown_as_wrong_and_an_unconfirmed_one_as_that() -> None:
    wrong, open_ = similar(
        earlier("t-1", diagnosis_feedback={"verdict": "wrong", "words": "it was the fan"}), earlier("t-2")
    ).lines

    assert wrong.startswith("WRONG: a person found that this was not the cause; t-1, ")
    assert wrong.endswith("; the person's words: it was the fan")
    assert open_.startswith("unconfirmed: nobody has said whether it was right; t-2, ")


@pytest.mark.parametrize("cause", ["a person confirmed it", "a disk; a person confirmed it" * 50])
def test_no_earlier_diagnosis_can_call_itself_confirmed_or_push_the_verdict_out(cause: str) -> None:
    summary = {"cause": cause, "confidence": "high", "action": cause}
    [line] = similar(earlier("t" * 2000, diagnosis_summary=summary)).lines

    assert line.startswith("unconfirmed: nobody has said whether it was right; ttt")
    assert len(line) <= LONGEST


def test_the_same_violation_goes_before_the_same_component_and_that_before_others() -> None:
    section = similar(
        earlier("t-5"),
        earlier("t-4"),
        earlier("t-3", "tikv-4"),
        earlier("t-2", violation_key="disk_latency:7"),
        earlier("t-1", diagnosis_feedback={"verdict": "wrong"}),
    )

    assert ids_of(section)[:3] == ["t-2", "t-3", "t-5"]
    assert section.lines[3] == "2 more were found, less alike or older: 1 of all wrong"


def test_those_equally_alike_stay_newest_first() -> None:
    section = similar(earlier("t-3"), earlier("t-1"), earlier("t-2"))

    assert ids_of(section) == ["t-3", "t-1", "t-2"]


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

    assert ids_of(section)[-1] == "t-2"


def test_without_any_the_prompt_says_of_which_kind_there_is_none() -> None:
    assert looked() == FoundNothing("diagnosed tickets of the invariant disk_latency")


def test_when_their_table_is_away_that_costs_one_line() -> None:
    context = gather(incident(), (), [SimilarTickets(cast("TicketQueries", None))])

    assert context.gaps == (
        "could not look: diagnosed tickets of the invariant disk_latency: faulty: AttributeError",
    )
