"""Room on a ticket near the item limit: what goes, in which order, and that it says so."""

import math
from typing import Any, cast

import pytest
from boto3.dynamodb.types import TypeSerializer
from hypothesis import given
from hypothesis import strategies as st
from moto.dynamodb.models.dynamo_type import DynamoType

from local.aws.tables.item_limit import bytes_of
from runtime.item_size import MAX_ITEM_BYTES, size_of
from runtime.items import storable
from tests.support.dynamodb_values import ITEMS
from tickets.attributes import PIPELINE_ATTRIBUTES
from tickets.trimming import LEAST_BYTES, NEEDED, Cuts, cuts_for, says_what_was_cut

LEAST = {"ticket_id": "T-1", "status": "open", "invariant_name": "store_up", "message": "store 4 is down"}
DIAGNOSIS = {"diagnosis": "d" * 60_000, "diagnosis_record": {"primary": "r" * 40_000}}


def counted(item: dict[str, Any]) -> int:
    """What DynamoDB counts for an item, by the emulator's book."""
    serialize = TypeSerializer().serialize
    return sum(
        len(name.encode()) + bytes_of(DynamoType(cast("Any", serialize(storable(value)))))
        for name, value in item.items()
    )


def after(item: dict[str, Any], added: dict[str, Any], cuts: Cuts) -> dict[str, Any]:
    left = {name: value for name, value in item.items() if name not in cuts.removed}
    return {**left, **added, **cuts.replaced, "diagnosis_notes": list(cuts.notes)}


def test_a_ticket_with_room_is_left_alone() -> None:
    assert cuts_for({**LEAST, "log_tail": "x" * 100_000}, DIAGNOSIS) == Cuts()


def test_the_log_tail_goes_first_and_keeps_its_end() -> None:
    lines = "".join(f"line {number}\n" for number in range(25_000))
    item = {**LEAST, "log_tail": lines, "topology": "t" * 50_000}

    cuts = cuts_for(item, DIAGNOSIS)

    assert list(cuts.replaced) == ["log_tail"]
    assert cuts.replaced["log_tail"].endswith("line 24999\n")
    assert cuts.removed == ()
    kept = len(cuts.replaced["log_tail"])
    assert cuts.notes == (f"log_tail: cut from {len(lines)} to {kept} bytes to make room",)


def test_no_line_and_no_word_is_cut_in_two() -> None:
    log = "".join(f"line {number} of the log\n" for number in range(15_000))

    of_log = cuts_for({**LEAST, "log_tail": log}, {**DIAGNOSIS, "more": "m" * 50_000})
    of_message = cuts_for({**LEAST, "message": "word " * 70_000}, DIAGNOSIS)

    assert of_log.replaced["log_tail"].startswith("line ")
    assert set(of_message.replaced["message"].split()) == {"word"}


def test_no_more_is_cut_than_has_to_be() -> None:
    item = {**LEAST, "log_tail": "x" * 350_000}

    left = after(item, DIAGNOSIS, cuts_for(item, DIAGNOSIS))

    assert MAX_ITEM_BYTES - 8 * 1024 < counted(left) <= MAX_ITEM_BYTES


def test_context_goes_before_other_attributes_before_the_history_before_the_message() -> None:
    item = {
        **LEAST,
        "message": "m" * 90_000,
        "log_tail": "l" * 50_000,
        "topology": {"t": "t" * 50_000},
        "subject_context": "s" * 50_000,
        "metric_snapshot": {"m": "m" * 50_000},
        "diagnosis_history": [{"diagnosis": "h" * 50_000}],
        "runbook": "r" * 50_000,
    }
    taken = []
    for size in range(20_000, 390_000, 20_000):
        cuts = cuts_for(item, {"diagnosis": "d" * size})
        taken += [name for name in (*cuts.removed, *cuts.replaced) if name not in taken]

    order = ["log_tail", "topology", "subject_context", "metric_snapshot", "runbook", "diagnosis_history"]
    assert taken == [*order, "message"]


def test_a_message_keeps_its_beginning() -> None:
    item = {**LEAST, "message": "store 4 is down " + "x" * 390_000}

    cuts = cuts_for(item, DIAGNOSIS)

    assert cuts.replaced["message"].startswith("store 4 is down ")
    assert cuts.removed == ()


@pytest.mark.parametrize("name", NEEDED)
def test_what_a_ticket_needs_is_shortened_and_never_removed(name: str) -> None:
    item = {**LEAST, name: "x" * 300_000}

    cuts = cuts_for(item, {"diagnosis": "d" * 405_000})

    assert len(cuts.replaced[name]) == LEAST_BYTES
    assert name not in cuts.removed


def test_small_attributes_stay_while_a_large_message_can_be_shortened() -> None:
    small = {"component": "tikv-4", "violation_key": "store_up:tikv-4", "held": True}

    cuts = cuts_for({**LEAST, **small, "message": "m" * 390_000}, DIAGNOSIS)

    assert cuts.removed == ()


def test_very_many_small_attributes_share_one_note() -> None:
    item = {**LEAST, **{f"label_{number:05}": "x" * 80 for number in range(4_400)}}

    cuts = cuts_for(item, {"diagnosis": "d" * 20_000})

    assert cuts.notes == (f"{len(cuts.removed)} small attributes removed to make room",)
    assert counted(after(item, {"diagnosis": "d" * 20_000}, cuts)) <= MAX_ITEM_BYTES


def test_a_text_in_another_language_is_cut_between_characters() -> None:
    cuts = cuts_for({**LEAST, "log_tail": "店" * 130_000}, DIAGNOSIS)

    assert set(cuts.replaced["log_tail"]) == {"店"}


def test_what_the_pipeline_wrote_is_never_cut() -> None:
    written = dict.fromkeys(PIPELINE_ATTRIBUTES - {"diagnosis_history"}, "x" * 5000)

    cuts = cuts_for({**LEAST, **written, "log_tail": "l" * 270_000}, {"diagnosis": "d" * 300_000})

    assert {*cuts.removed, *cuts.replaced} == {"log_tail"}


def test_notes_of_cuts_can_be_told_from_others() -> None:
    item = {**LEAST, "log_tail": "x" * 350_000, "topology": "t" * 3_000}

    assert all(says_what_was_cut(note) for note in cuts_for(item, {"diagnosis": "d" * 390_000}).notes)
    assert not says_what_was_cut("not usable: held: must be true or false, got 'perhaps'")


@st.composite
def large_items(draw: st.DrawFn) -> dict[str, Any]:
    """Tickets up to the limit: each attribute a text, a list or a map of some size."""
    left = draw(st.integers(MAX_ITEM_BYTES // 2, MAX_ITEM_BYTES - 2_000))
    names = ["log_tail", "topology", "message", "invariant_name", "runbook", "diagnosis_history", "店"]
    item: dict[str, Any] = dict(LEAST)
    for name in draw(st.permutations(names)):
        size = draw(st.integers(0, left))
        left -= size
        letter = draw(st.sampled_from("x\n店🛢"))
        text = letter * math.ceil(size / len(letter.encode()))
        item[name] = text if name in NEEDED else draw(st.sampled_from([text, {"a": text}, [text, 1]]))
    few = draw(st.integers(0, 50))
    item |= {f"label_{number}": "x" * draw(st.integers(0, left // 50)) for number in range(few)}
    return item


@given(large_items(), st.integers(0, 250_000))
def test_whatever_is_added_fits_after_the_cuts_and_the_ticket_stays_a_ticket(
    item: dict[str, Any], size: int
) -> None:
    added = {"diagnosis": "d" * size}

    cuts = cuts_for(item, added)

    left = after(item, added, cuts)
    assert counted(left) <= MAX_ITEM_BYTES
    assert left["diagnosis"] == added["diagnosis"]
    assert all(name in left for name in LEAST)
    assert bool(cuts.notes) == bool(cuts.replaced or cuts.removed)


@given(ITEMS)
def test_an_item_is_never_counted_too_small(item: dict[str, Any]) -> None:
    assert size_of(item) >= counted(item)
