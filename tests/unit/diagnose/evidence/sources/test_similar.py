"""What earlier tickets alike were diagnosed as."""

from typing import Any, cast

import pytest

from diagnose.evidence.gathering import gather
from diagnose.evidence.looked import Found, FoundNothing, Looked
from diagnose.evidence.redaction.redactor import Redactor
from diagnose.evidence.sections import Section
from diagnose.evidence.sources.similar import SIMILAR_CHARS, SimilarTickets
from tests.support.incidents import incident
from tickets.queries import TicketQueries


class Diagnosed:
    """A store with diagnosed tickets; keeps what it was asked."""

    def __init__(self, *items: dict[str, Any]) -> None:
        self._items = items

    def similar_to(self, similar_key: str, ticket_id: str, limit: int = 3) -> list[dict[str, Any]]:
        return [
            item
            for item in self._items
            if item["similar_key"] == similar_key and item["ticket_id"] != ticket_id
        ]


def looked(*items: dict[str, Any]) -> Looked:
    keyed = [{"similar_key": "disk_latency", **item} for item in items]
    source = SimilarTickets(cast("TicketQueries", Diagnosed(*keyed)))
    [found] = source.read(incident(), Redactor(), lambda: 5.0)
    return found


def similar(*items: dict[str, Any]) -> Section:
    found = looked(*items)
    assert isinstance(found, Found)
    [section] = found.sections
    return section


def earlier(ticket_id: str, diagnosed_at: str = "2026-11-01T00:00:00.000Z", **record: Any) -> dict[str, Any]:
    return {
        "ticket_id": ticket_id,
        "component": "tikv-4",
        "diagnosed_at": diagnosed_at,
        "diagnosis_record": {
            "primary": {"diagnosis": "a worn disk", "confidence": "high"},
            "recommended_action": "replace it",
            **record,
        },
    }


class TestSimilarTickets:
    def test_each_earlier_ticket_is_one_line_with_its_cause_and_action(self) -> None:
        section = similar(earlier("t-1"))

        assert section.lines == (
            (
                "t-1: on tikv-4, diagnosed 2026-11-01T00:00:00.000Z: a worn disk (confidence high); "
                "recommended: replace it"
            ),
        )

    def test_they_stay_in_the_order_in_which_the_store_gives_them(self) -> None:
        section = similar(earlier("t-3"), earlier("t-1"), earlier("t-2"))

        assert [line.partition(":")[0] for line in section.lines] == ["t-3", "t-1", "t-2"]

    def test_a_secret_is_taken_out_before_a_long_record_is_cut(self) -> None:
        secret = "gh" + "p_" + "a1B2" * 9
        for length in range(SIMILAR_CHARS - 200, SIMILAR_CHARS):
            section = similar(earlier("t-1", recommended_action=f"{'x' * length} {secret}"))

            assert "gh" + "p_" not in section.lines[0]

    def test_the_numbers_of_an_earlier_prompts_placeholders_are_left_out(self) -> None:
        section = similar(earlier("t-1", recommended_action="revoke [redacted password 3]"))

        assert section.lines[0].endswith("revoke [redacted password]")

    def test_a_long_record_is_cut(self) -> None:
        section = similar(earlier("t-1", recommended_action="x" * 5000))

        assert len(section.lines[0]) <= SIMILAR_CHARS + len("t-1: ")

    @pytest.mark.parametrize("record", [None, "text", {}, {"primary": "text"}, {"primary": None}], ids=str)
    def test_a_record_of_another_shape_does_not_cost_the_others(self, record: object) -> None:
        section = similar({"ticket_id": "t-1", "diagnosis_record": record}, earlier("t-2"))

        assert section.lines[-1].startswith("t-2: on tikv-4")

    def test_without_any_the_prompt_says_of_which_kind_there_is_none(self) -> None:
        assert looked() == FoundNothing("diagnosed tickets of disk_latency")

    def test_when_their_table_is_away_that_costs_one_line(self) -> None:
        context = gather(incident(), (), [SimilarTickets(cast("TicketQueries", None))])

        assert context.gaps == ("could not look: similar tickets: faulty: AttributeError",)
