"""DynamoDB's values to and from Python: nothing is lost, and boto3 takes what comes out."""

import base64
from decimal import Context, Decimal
from typing import Any

import pytest
from boto3.dynamodb.types import TypeSerializer
from hypothesis import example, given
from hypothesis import strategies as st

from runtime.item_size import size_of
from runtime.items import from_attributes, storable
from runtime.unreadable import Unreadable, unreadable_in
from tests.support.dynamodb_values import ITEMS

EXACT = Context(prec=400)


def typed(item: dict[str, Any]) -> dict[str, Any]:
    serialize = TypeSerializer().serialize
    return {name: serialize(value) for name, value in item.items()}


@given(ITEMS)
def test_an_item_comes_back_from_its_typed_json(item: dict[str, Any]) -> None:
    assert from_attributes(typed(item)) == item


@given(ITEMS)
def test_what_was_read_can_be_written_as_it_is(item: dict[str, Any]) -> None:
    assert typed(storable(item)) == typed(item)


@st.composite
def written_numbers(draw: st.DrawFn) -> str:
    """Any number that DynamoDB holds, in any of the ways in which it may be written out."""
    digits, exponent = draw(st.integers(1, 10**38 - 1)), draw(st.integers(-130, 125))
    number = Decimal(draw(st.sampled_from([1, -1])) * digits).scaleb(exponent - len(str(digits)) + 1, EXACT)
    return draw(st.sampled_from([str(number), f"{number:f}", f"{number:e}"]))


@given(written_numbers())
@example("1" + "0" * 40)
@example("-25" + "0" * 100)
@example("9" * 38 + "0" * 88)
@example("0." + "0" * 100 + "10")
@example("1." + "2" * 37 + "E-130")
@example("3801234567890123456")
@example("0E-200")
def test_any_number_is_read_exactly_at_any_depth_and_can_be_written_again(written: str) -> None:
    image = {
        "count": {"N": written},
        "deep": {"M": {"list": {"L": [{"N": written}]}}},
        "set": {"NS": [written]},
    }

    number = Decimal(written)
    item = from_attributes(image)
    assert item == {"count": number, "deep": {"list": [number]}, "set": {number}}
    assert from_attributes(typed(storable(item))) == item


LOST = [
    ({"N": "1" * 39}, "N"),
    ({"N": "NaN"}, "N"),
    ({"N": "1E+200"}, "N"),
    ({"N": "many"}, "N"),
    ({"N": None}, "N"),
    ({"NS": ["1", "NaN"]}, "NS"),
    ({"B": "x"}, "B"),
    ({"V": [1.0, 2.0]}, "V"),
    ({}, ""),
    ("text", "str"),
    (None, "NoneType"),
    ({"L": 5}, "L"),
    ({"M": ["n"]}, "M"),
]


@pytest.mark.parametrize(("value", "kind"), LOST, ids=str)
def test_what_cannot_be_read_costs_nothing_beside_it(value: Any, kind: str) -> None:
    item = from_attributes({"odd": value, "deep": {"M": {"l": {"L": [value, {"N": "1"}]}}}, "s": {"S": "x"}})

    lost = Unreadable(kind)
    assert item == {"odd": lost, "deep": {"l": [lost, Decimal(1)]}, "s": "x"}
    assert list(unreadable_in(item)) == [lost, lost]
    assert storable(item)["odd"] == f"<a value of DynamoDB's type {kind} that cannot be read>"


@pytest.mark.parametrize("value", [b"\x00\xff", base64.b64encode(b"\x00\xff").decode()])
def test_a_binary_is_bytes_whether_an_error_or_a_stream_record_carries_it(value: Any) -> None:
    image = {"raw": {"B": value}, "several": {"BS": [value]}, "nested": {"M": {"raw": {"B": value}}}}

    assert from_attributes(image) == {
        "raw": b"\x00\xff",
        "several": {b"\x00\xff"},
        "nested": {"raw": b"\x00\xff"},
    }


def test_floats_and_tuples_become_what_boto3_takes() -> None:
    assert storable({"seconds": 0.1, "notes": ("a", 2.5), "count": 3}) == {
        "seconds": Decimal("0.1"),
        "notes": ["a", Decimal("2.5")],
        "count": 3,
    }


def test_the_size_of_text_is_in_bytes() -> None:
    assert size_of("店") == 3
    assert size_of("\ud800") == 3  # half a pair, which Python may hold
