"""DynamoDB's values to and from Python: nothing is lost, and boto3 takes what comes out."""

import base64
from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb.types import Binary, TypeSerializer
from hypothesis import given

from runtime.item_size import size_of
from runtime.items import from_attributes, from_table, storable
from tests.support.dynamodb_values import ITEMS


def typed(item: dict[str, Any]) -> dict[str, Any]:
    serialize = TypeSerializer().serialize
    return {name: serialize(value) for name, value in item.items()}


@given(ITEMS)
def test_an_item_comes_back_from_its_typed_json(item: dict[str, Any]) -> None:
    assert from_attributes(typed(item)) == item


@given(ITEMS)
def test_what_was_read_can_be_written_as_it_is(item: dict[str, Any]) -> None:
    assert typed(storable(item)) == typed(item)


@pytest.mark.parametrize(
    "written", ["1" + "0" * 40, "-25" + "0" * 100, "0." + "0" * 100 + "10", "9" * 38 + "0" * 80]
)
def test_a_number_written_out_to_more_than_38_digits_is_read(written: str) -> None:
    image = {
        "count": {"N": written},
        "deep": {"M": {"list": {"L": [{"N": written}]}}},
        "set": {"NS": [written]},
    }

    number = Decimal(written)
    assert from_attributes(image) == {"count": number, "deep": {"list": [number]}, "set": {number}}


@pytest.mark.parametrize("value", [b"\x00\xff", base64.b64encode(b"\x00\xff").decode()])
def test_a_binary_is_bytes_whether_an_error_or_a_stream_record_carries_it(value: Any) -> None:
    image = {"raw": {"B": value}, "several": {"BS": [value]}, "nested": {"M": {"raw": {"B": value}}}}

    assert from_attributes(image) == {
        "raw": b"\x00\xff",
        "several": {b"\x00\xff"},
        "nested": {"raw": b"\x00\xff"},
    }


def test_a_tables_binaries_are_bytes_wherever_they_are() -> None:
    raw = Binary(b"\x00")

    assert from_table({"raw": raw, "list": [raw], "map": {"raw": raw}, "set": {raw}}) == {
        "raw": b"\x00",
        "list": [b"\x00"],
        "map": {"raw": b"\x00"},
        "set": {b"\x00"},
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
