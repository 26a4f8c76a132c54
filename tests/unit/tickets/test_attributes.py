"""Attributes under the pipeline's names: which the pipeline may have written, and which it cannot have."""

from decimal import Decimal
from typing import Any

import pytest

from tickets.attributes import COUNTS, LISTS, PIPELINE_ATTRIBUTES, TIMES, invalid_values

OURS: dict[str, Any] = {
    "diagnosis_status": "done",
    **dict.fromkeys(COUNTS, Decimal(3)),
    **dict.fromkeys(TIMES, Decimal("1800000000.25")),
    **{name: [] for name in LISTS},
}


def test_what_the_pipeline_writes_is_its_own() -> None:
    assert invalid_values({"ticket_id": "t-1", "message": 5, **OURS}) == {}


def test_every_name_looked_at_is_one_of_the_pipelines() -> None:
    assert OURS.keys() <= PIPELINE_ATTRIBUTES


@pytest.mark.parametrize("name", OURS)
@pytest.mark.parametrize("odd", [None, True, {"a": 1}, b"x", {"a"}], ids=str)
def test_a_value_of_another_type_is_not(name: str, odd: Any) -> None:
    assert invalid_values({**OURS, name: odd}) == {name: odd}


@pytest.mark.parametrize("name", [*COUNTS, *TIMES])
def test_nor_is_a_number_in_words(name: str) -> None:
    assert invalid_values({**OURS, name: "3"}) == {name: "3"}


@pytest.mark.parametrize("name", COUNTS)
@pytest.mark.parametrize("odd", [Decimal(-1), Decimal("1.5"), Decimal("1E+100")], ids=str)
def test_nor_is_a_count_that_nobody_counted(name: str, odd: Decimal) -> None:
    assert invalid_values({**OURS, name: odd}) == {name: odd}
