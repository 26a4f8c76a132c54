"""Which earlier diagnosis may be asked about: confirmed, young enough, and contradicted by nobody since."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnose.diagnosis.known.cause import KnownCause, NoKnownCauseError, is_graver, violation_of
from diagnose.diagnosis.known.choosing import chosen
from diagnose.diagnosis.known.remembering import called_wrong
from runtime.clock import iso
from tests.support.known_causes import THEN, TODAY, asked, confirmed
from tickets.ticket import Ticket

MONTH = timedelta(days=30)
AT = confirmed()["diagnosed_at"]
WRONG = {"verdict": "wrong"}


def at(days: float) -> str:
    return iso((THEN + timedelta(days=days)).timestamp())


def shown(item: Mapping[str, Any]) -> dict[str, Any]:
    """What the index of similar tickets has of an item."""
    names = (
        "ticket_id",
        "violation_key",
        "component",
        "diagnosed_at",
        "diagnosis_summary",
        "diagnosis_feedback",
    )
    return {name: item[name] for name in names if name in item}


def choose(
    *earlier: Mapping[str, Any],
    own: Mapping[str, Any] | None = None,
    now: datetime = TODAY,
    longest: timedelta = MONTH,
    **ticket: Any,
) -> KnownCause | None:
    made = asked(TODAY)[0].model_copy(update=ticket)
    items = {each["ticket_id"]: each for each in earlier}
    return chosen(made, own or {}, [shown(each) for each in earlier], items.get, now, longest)


def refused(*earlier: Mapping[str, Any], **more: Any) -> str:
    with pytest.raises(NoKnownCauseError) as why:
        choose(*earlier, **more)
    return str(why.value)


def repeat(days: float, **more: Any) -> dict[str, Any]:
    """A later ticket of the same violation, of which nobody has said anything."""
    item = confirmed(ticket_id=f"repeat-{days}", diagnosed_at=at(days), **more)
    return (
        item if "diagnosis_feedback" in more else {k: v for k, v in item.items() if k != "diagnosis_feedback"}
    )


def test_the_newest_confirmed_one_is_chosen() -> None:
    found = choose(confirmed(), repeat(0.5, diagnosis_feedback={"verdict": "confirmed"}), repeat(0.7))

    assert found is not None
    assert found.origin.ticket_id == "repeat-0.5"


def test_a_verdict_by_hand_without_name_and_time_will_do() -> None:
    found = choose(confirmed(diagnosis_feedback="Confirmed"))

    assert found is not None
    assert (found.origin.confirmed_by, found.origin.confirmed_at) == ("", "")


def test_none_is_chosen_where_nobody_confirmed_any_or_the_ticket_has_no_violation() -> None:
    assert choose() is None
    assert choose(repeat(0.5)) is None
    assert choose(confirmed(), violation_key="") is None
    assert choose(confirmed(violation_key="another")) is None


@settings(max_examples=30)
@given(st.floats(0, 100), st.integers(1, 60))
def test_one_is_as_old_as_its_full_diagnosis(days: float, longest: int) -> None:
    now = THEN + timedelta(minutes=9, days=days)
    if days <= longest:
        assert choose(confirmed(), now=now, longest=timedelta(days=longest))
    else:
        assert "older" in refused(confirmed(), now=now, longest=timedelta(days=longest))


def test_one_of_the_future_is_none() -> None:
    assert "older" in refused(confirmed(), now=THEN - timedelta(days=1))


def upheld(days: float, **more: Any) -> dict[str, Any]:
    """A repeat on which the known cause was upheld."""
    item = repeat(days, **more)
    origin = {"ticket_id": "then", "diagnosed_at": AT, "confirmed_by": "kim", "confirmed_at": AT}
    item["diagnosis_record"]["known_cause"] = {**origin, "input_tokens": 1, "output_tokens": 1}
    return item


def test_a_repeat_that_was_upheld_and_confirmed_hands_on_its_origin_and_its_age() -> None:
    item = upheld(20, diagnosis_feedback={"verdict": "confirmed"})

    found = choose(item, now=THEN + timedelta(days=25))
    assert found is not None
    assert (found.origin.ticket_id, found.since) == ("then", THEN + timedelta(minutes=9))
    assert "older" in refused(item, now=THEN + timedelta(days=40))


@pytest.mark.parametrize(
    "later",
    [
        repeat(0.5, diagnosis_feedback=WRONG),
        repeat(0.5, diagnosis_summary={"called_wrong": at(0.2)}),
        repeat(0.5, diagnosis_summary={"called_wrong": "no time"}),
    ],
    ids=["a repeat", "a repeat before it was diagnosed afresh", "nobody knows when"],
)
def test_one_that_was_called_wrong_since_is_none(later: dict[str, Any]) -> None:
    assert "wrong" in refused(confirmed(), later)


def test_one_whose_origin_was_called_wrong_is_none_though_a_repeat_was_confirmed() -> None:
    confirmed_repeat = upheld(0.5, diagnosis_feedback={"verdict": "confirmed"})

    assert "wrong" in refused(confirmed_repeat, confirmed(diagnosis_feedback=WRONG))


def test_what_was_called_wrong_before_it_was_diagnosed_does_not_count() -> None:
    earlier = repeat(-1, diagnosis_feedback=WRONG)
    own = confirmed(diagnosis_summary={"called_wrong": at(-1)})

    assert choose(own, earlier)


def test_what_was_called_wrong_of_another_violation_does_not_count() -> None:
    assert choose(confirmed(), repeat(0.5, violation_key="another", diagnosis_feedback=WRONG))


GONE: dict[str, dict[str, Any]] = {
    "diagnosed afresh": {"diagnosis_status": "pending"},
    "asked for afresh": {"rediagnose": "look again"},
    "failed": {"diagnosis_status": "failed"},
    "a record of an older version": {"diagnosis_record": {"version": 3}},
    "no record": {"diagnosis_record": None},
    "a record that is none": {"diagnosis_record": [1, "x"]},
    "no time": {"diagnosed_at": "yesterday"},
    "another component": {"component": "orders-api-2"},
    "another system": {"subject": "another"},
}


@pytest.mark.parametrize("more", GONE.values(), ids=GONE.keys())
def test_one_whose_ticket_has_gone_on_or_cannot_be_read_is_none(more: dict[str, Any]) -> None:
    item = {**confirmed(), **more}
    if "component" in more or "subject" in more:
        item["diagnosis_record"]["violation"] = violation_of(Ticket.from_item({**item, "status": "open"}))

    refused(item)


def test_one_that_is_gone_is_none() -> None:
    made, _ = asked(TODAY)
    with pytest.raises(NoKnownCauseError, match="gone"):
        chosen(made, {}, [shown(confirmed())], lambda _: None, TODAY, MONTH)


@pytest.mark.parametrize(
    "change",
    [
        lambda record: record.update(findings=None),
        lambda record: record.update(observations=[]),
        lambda record: record["answer"]["primary"].update(chain=[]),
        lambda record: record.update(violation=""),
        lambda record: record["answer"].update(verdict="inconclusive"),
    ],
    ids=["too much stood out", "nothing was kept", "no chain", "no violation", "inconclusive"],
)
def test_one_that_cannot_be_compared_is_none(change: Any) -> None:
    item = confirmed()
    change(item["diagnosis_record"])

    refused(item)


class TestTheTicketItself:
    def test_has_its_own_from_before_it_was_opened_again(self) -> None:
        found = choose(own=confirmed())

        assert found is not None
        assert found.origin.ticket_id == "then"

    def test_may_have_been_upheld_before_by_a_word_that_is_in_its_history(self) -> None:
        said = {"diagnosed_at": AT, "diagnosis_feedback": {"verdict": "confirmed"}}
        own = upheld(0.5) | {"ticket_id": "then", "diagnosis_history": [said]}

        assert choose(own=own)
        assert choose(own=own | {"diagnosis_history": []}) is None
        assert choose(own=own | {"diagnosis_history": [said | {"diagnosed_at": at(0.1)}]}) is None

    def test_does_not_decide_where_there_are_more_later_ones_than_were_read(self) -> None:
        later = [repeat(0.5 + number / 1000, violation_key="another") for number in range(100)]

        assert "more tickets alike" in refused(*later, own=confirmed())
        assert choose(*later[:9], own=confirmed())

    def test_may_have_one_that_was_called_wrong_in_its_history(self) -> None:
        said = {"diagnosed_at": at(0.1), "diagnosis_feedback": WRONG}

        assert "wrong" in refused(own=confirmed() | {"diagnosis_history": [said]})
        assert "wrong" in refused(confirmed(), own={"diagnosis_history": [said]})


def test_the_last_that_was_called_wrong_is_remembered_whatever_comes_later() -> None:
    history = [{"diagnosed_at": at(n), "diagnosis_feedback": WRONG} for n in (1, 2)]

    assert called_wrong({"diagnosis_history": history}) == {"called_wrong": at(2)}
    assert called_wrong({"diagnosis_summary": {"called_wrong": at(3)}, "diagnosis_history": history}) == {
        "called_wrong": at(3)
    }
    assert called_wrong({"diagnosis_feedback": {"verdict": "confirmed"}, "diagnosed_at": at(1)}) == {}
    assert called_wrong({"diagnosis_history": ["x", None, {"diagnosis_feedback": WRONG}]}) == {}


@pytest.mark.parametrize(
    ("today", "then", "graver"),
    [
        ("critical", "critical", False),
        ("warning", "Critical ", False),
        ("critical", "warning", True),
        ("p1", "critical", True),
        ("p1", "p2", False),
    ],
)
def test_severities_as_monitors_grade(today: str, then: str, graver: bool) -> None:
    assert is_graver(today, than=then) is graver
