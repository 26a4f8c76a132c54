"""A record of the tickets' stream, as Lambda hands it over, read into what the use case decides on."""

from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb.types import TypeSerializer
from hypothesis import given
from hypothesis import strategies as st

from local.demo.events import load_event
from runtime.unreadable import Unreadable
from tickets.stream_record import StreamRecord


def image(attributes: dict[str, Any] | None) -> dict[str, Any] | None:
    return attributes and {name: TypeSerializer().serialize(value) for name, value in attributes.items()}


def record(new: dict[str, Any] | None = None, old: dict[str, Any] | None = None) -> StreamRecord:
    images = {"NewImage": image(new), "OldImage": image(old)}
    keys = image({"ticket_id": "t-1"})
    return StreamRecord.from_event(
        {
            "eventID": "e-1",
            "dynamodb": {"Keys": keys, **{name: value for name, value in images.items() if value}},
        }
    )


class TestReading:
    def test_an_insert_has_a_new_image_and_no_old_one(self) -> None:
        [raw] = load_event("diagnose-insert")["Records"]

        read = StreamRecord.from_event(raw)

        assert read.event_id == raw["eventID"]
        assert read.ticket_id == raw["dynamodb"]["Keys"]["ticket_id"]["S"]
        assert read.old is None
        assert read.new is not None
        assert read.new["status"] == "open"
        assert read.new["occurrence_count"] == 48

    def test_a_remove_has_no_new_image(self) -> None:
        [raw] = load_event("diagnose-remove")["Records"]

        assert StreamRecord.from_event(raw).new is None

    @pytest.mark.parametrize("nothing", [None, {}], ids=["null", "empty"])
    def test_an_image_that_holds_nothing_is_none(self, nothing: Any) -> None:
        change = {"Keys": {"ticket_id": {"S": "t-1"}}, "NewImage": nothing, "OldImage": nothing}

        read = StreamRecord.from_event({"eventID": "e-1", "dynamodb": change})

        assert (read.new, read.old) == (None, None)

    def test_every_type_of_attribute_is_read(self) -> None:
        attributes = {
            "text": {"S": "väl"},
            "number": {"N": "41.20"},
            "binary": {"B": "aGVsbG8="},
            "binaries": {"BS": ["aGVsbG8="]},
            "nothing": {"NULL": True},
            "flag": {"BOOL": False},
            "set": {"SS": ["a", "b"]},
            "map": {"M": {"inner": {"L": [{"B": "aGVsbG8="}, {"N": "1"}]}}},
        }
        change = {"Keys": {"ticket_id": {"S": "t-1"}}, "NewImage": attributes}

        assert StreamRecord.from_event({"eventID": "e-1", "dynamodb": change}).new == {
            "text": "väl",
            "number": Decimal("41.20"),
            "binary": b"hello",
            "binaries": {b"hello"},
            "nothing": None,
            "flag": False,
            "set": {"a", "b"},
            "map": {"inner": [b"hello", Decimal(1)]},
        }

    @pytest.mark.parametrize(
        "raw",
        [
            None,
            "a record",
            {},
            {"eventID": "e-1", "dynamodb": {}},
            {"eventID": "e-1", "dynamodb": None},
            {"eventID": "e-1", "dynamodb": {"Keys": {}}},
            {"eventID": "e-1", "dynamodb": {"Keys": {"id": {"S": "t-1"}}}},
            {"eventID": "e-1", "dynamodb": {"Keys": {"ticket_id": "t-1"}}},
            {"eventID": "e-1", "dynamodb": {"Keys": {"ticket_id": {"Q": "t-1"}}}},
            {"eventID": "e-1", "dynamodb": {"Keys": {"ticket_id": {"N": "1"}}}},
            {"eventID": "e-1", "dynamodb": {"Keys": {"ticket_id": {"S": "t"}}, "NewImage": ["n"]}},
            {"dynamodb": {"Keys": {"ticket_id": {"S": "t-1"}}}},
            {"messageId": "m-1", "body": "{}", "eventSource": "aws:sqs"},
        ],
        ids=str,
    )
    def test_anything_else_is_refused_with_a_reason(self, raw: Any) -> None:
        with pytest.raises(ValueError, match="not a record of the tickets' stream"):
            StreamRecord.from_event(raw)

    @pytest.mark.parametrize("odd", [{"N": "1" * 40}, {"B": "x"}, {"Q": "a type of tomorrow"}], ids=str)
    def test_a_value_that_cannot_be_read_costs_neither_the_record_nor_the_rest(self, odd: Any) -> None:
        image = {"odd": odd, "status": {"S": "open"}}
        change = {"Keys": {"ticket_id": {"S": "t-1"}}, "NewImage": image, "OldImage": image}

        read = StreamRecord.from_event({"eventID": "e-1", "dynamodb": change})

        assert read.new == read.old == {"odd": Unreadable(next(iter(odd))), "status": "open"}

    @given(
        st.recursive(
            st.none() | st.text() | st.integers(),
            lambda inner: st.dictionaries(st.text(max_size=9), inner, max_size=4),
            max_leaves=6,
        )
    )
    def test_no_image_whatever_raises_anything_but_a_refusal(self, odd: Any) -> None:
        change = {"Keys": {"ticket_id": {"S": "t-1"}}, "NewImage": odd}
        try:
            read = StreamRecord.from_event({"eventID": "e-1", "dynamodb": change})
        except ValueError:
            return
        assert read.ticket_id == "t-1"


class TestWasErased:
    KNOWN = {"ticket_id": "t-1", "status": "open", "diagnosis_status": "done"}  # noqa: RUF012 - never changed
    BARE = {"ticket_id": "t-1", "status": "open"}  # noqa: RUF012

    @pytest.mark.parametrize("gone", [{}, {"diagnosis_status": None}, {"diagnosis_status": 5}], ids=str)
    def test_an_overwrite_that_takes_the_pipelines_status_away_is_an_erasure(
        self, gone: dict[str, Any]
    ) -> None:
        assert record(new={**self.BARE, **gone}, old=self.KNOWN).was_erased

    @pytest.mark.parametrize(
        ("new", "old"),
        [
            (BARE, None),
            (BARE, BARE),
            (KNOWN, KNOWN),
            (None, KNOWN),
            (BARE, {**BARE, "diagnosis_status": None}),
        ],
        ids=[
            "insert",
            "never met",
            "still there",
            "removed",
            "null",
        ],
    )
    def test_nothing_else_is(self, new: dict[str, Any] | None, old: dict[str, Any] | None) -> None:
        assert not record(new=new, old=old).was_erased


class TestWasOpenedAgain:
    @pytest.mark.parametrize(("old", "new"), [("resolved", "open"), ("Resolved", "Acknowledged")])
    def test_from_resolved_to_open(self, old: str, new: str) -> None:
        assert record(new={"status": new}, old={"status": old}).was_opened_again

    @pytest.mark.parametrize(
        ("old", "new"), [("diagnosed", "open"), ("resolved", "diagnosed"), ("open", "open"), ("opne", "open")]
    )
    def test_from_nowhere_else_and_to_nothing_else(self, old: str, new: str) -> None:
        assert not record(new={"status": new}, old={"status": old}).was_opened_again


class TestAsksAgain:
    @pytest.mark.parametrize("diagnosis_status", ["done", "failed"])
    def test_a_persons_request_on_a_finished_ticket_asks_again(self, diagnosis_status: str) -> None:
        assert record(new={"diagnosis_status": diagnosis_status, "rediagnose": "please"}).asks_again

    @pytest.mark.parametrize(
        "new",
        [
            None,
            {"diagnosis_status": "done"},
            {"rediagnose": "please"},
            {"diagnosis_status": "pending", "rediagnose": "please"},
            {"diagnosis_status": "running", "rediagnose": "please"},
            {"diagnosis_status": "deferred", "rediagnose": "please"},
        ],
        ids=str,
    )
    def test_without_a_request_or_before_the_end_nothing_is_asked_again(
        self, new: dict[str, Any] | None
    ) -> None:
        assert not record(new=new).asks_again
