"""Every way in which Claude does not answer (DESIGN's table), alone and in random sequences.

Over real HTTP, with the real SDK; time moves by the clock (tests/road.py). What stands for what: the stand-in
is silent for longer than the SDK waits where the real Claude would time out, and hangs up where a connection
would break.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from local.claude.faults import Fault, Kind
from local.claude.limits import Buckets, Limits
from local.claude.requests import BAD_KEY
from tests.support.promises import check
from tests.support.road import Road, is_finished, meant_for, open_road
from tests.support.throttled_aws import throttled
from tests.support.watched_claude import TIMED_OUT
from tickets.wake_up import WakeUp

SILENT_SECONDS = 2.0
"""Real seconds; the SDK waits for 0.3 of them, and the stand-in stops waiting when the test is over."""


class Whose(StrEnum):
    """Whose fault it is, and so what may become of a ticket."""

    SHARED = "a shared limit's"
    ACCOUNT = "the account's"
    AMBIGUOUS = "the provider's or the ticket's"
    TICKET = "the ticket's"


@dataclass(frozen=True)
class Row:
    """A row of the table.

    `once` and `twice`: a ticket's `diagnosis_status` after an invocation in which the first call met the
    fault, and after one in which the next call met it as well.
    """

    name: str
    whose: Whose
    fault: Fault
    once: str
    twice: str


def rows(whose: Whose, once: str, twice: str, **faults: Fault) -> list[Row]:
    return [Row(name.replace("_", " "), whose, fault, once, twice) for name, fault in faults.items()]


ROWS = [
    *rows(
        Whose.SHARED,
        "done",
        "done",
        rate_limit=Fault(Kind.RATE_LIMIT, retry_after=30),
        rate_limit_until_a_date=Fault(Kind.RATE_LIMIT, retry_after=30, as_date=True),
        rate_limit_without_a_time=Fault(Kind.RATE_LIMIT),
        rate_limit_with_nonsense_for_a_time=Fault(Kind.RATE_LIMIT, retry_after="soon"),
        ramp_limit=Fault(Kind.RAMP_LIMIT, retry_after=60),
        overloaded=Fault(Kind.OVERLOADED),
    ),
    *rows(
        Whose.SHARED,
        "deferred",
        "deferred",
        rate_limit_for_half_an_hour=Fault(Kind.RATE_LIMIT, retry_after=1800),
        rate_limit_for_days=Fault(Kind.RATE_LIMIT, retry_after=300_000, as_date=True),
        overloaded_for_ten_minutes=Fault(Kind.OVERLOADED, retry_after=600),
    ),
    *rows(
        Whose.ACCOUNT,
        "deferred",
        "deferred",
        key_refused=Fault(Kind.UNAUTHORISED),
        payment_required=Fault(Kind.PAYMENT_REQUIRED),
        forbidden=Fault(Kind.FORBIDDEN),
        model_not_found=Fault(Kind.MODEL_NOT_FOUND),
        spend_limit=Fault(Kind.SPEND_LIMIT),
        usage_limits=Fault(Kind.USAGE_LIMITS),
        credit_balance=Fault(Kind.CREDIT_BALANCE),
    ),
    *rows(
        Whose.AMBIGUOUS,
        "done",
        "deferred",
        server_error=Fault(Kind.SERVER_ERROR),
        bad_gateway=Fault(Kind.BAD_GATEWAY),
        unavailable=Fault(Kind.UNAVAILABLE),
        gateway_timeout=Fault(Kind.GATEWAY_TIMEOUT),
        request_timeout=Fault(Kind.REQUEST_TIMEOUT),
        conflict=Fault(Kind.CONFLICT),
        connection_dropped=Fault(Kind.DROP),
        connection_dropped_half_way=Fault(Kind.DROP_MID_BODY),
        empty_body=Fault(Kind.EMPTY_BODY),
    ),
    *rows(
        Whose.AMBIGUOUS,
        "deferred",
        "deferred",
        timed_out=Fault(Kind.ANSWER, delay=SILENT_SECONDS),
        bad_request=Fault(Kind.BAD_REQUEST),
        unprocessable=Fault(Kind.UNPROCESSABLE),
    ),
    *rows(
        Whose.TICKET,
        "failed",
        "failed",
        refused=Fault(Kind.REFUSAL),
        refused_without_a_word=Fault(Kind.EMPTY_REFUSAL),
    ),
    *rows(
        Whose.TICKET,
        "done",
        "failed",
        cut_off=Fault(Kind.TRUNCATED),
        context_window_exceeded=Fault(Kind.CONTEXT_WINDOW),
        not_json=Fault(Kind.NOT_JSON),
        not_the_schema=Fault(Kind.MISFIT),
        prompt_too_long=Fault(Kind.PROMPT_TOO_LONG),
        request_too_large=Fault(Kind.TOO_LARGE),
    ),
]
QUICK_SWEEPS = {"SWEEP_INTERVAL_SECONDS": "1800"}
"""Sweeps further apart than the template has them: they are most of what makes the hours of a test long."""


def named(rows_: Iterable[Row], *, quick: Collection[str] | None = None) -> list[Any]:
    """Parameters of a test, all but the `quick` ones marked as long."""
    return [
        pytest.param(row, id=row.name, marks=() if quick is None or row.name in quick else pytest.mark.long)
        for row in rows_
    ]


def put_tickets(road: Road, count: int) -> list[str]:
    ticket_ids = [f"T-{number:02}" for number in range(count)]
    for ticket_id in ticket_ids:
        road.put(ticket_id)
    return ticket_ids


def came_to(road: Road, status: str) -> list[str]:
    """The tickets that came to this status, in that order."""
    return [moved.ticket_id for moved in road.history.moved if moved.target == status]


def dead_letters(road: Road) -> list[str]:
    """The tickets of up to ten messages on the dead-letter queue."""
    queue = road.stack.ref("DeadLetterQueue")
    found = road.stack.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, VisibilityTimeout=0)
    return [WakeUp.from_body(message["Body"]).ticket_id for message in found.get("Messages", [])]


def statuses(road: Road) -> set[str]:
    return {str(item.get("diagnosis_status")) for item in road.items()}


def answers(road: Road) -> int:
    return sum(asked.outcome == "answer" for _, asked in road.history.asked)


@pytest.mark.parametrize("row", named(ROWS))
def test_a_ticket_that_meets_a_fault_once_and_one_that_meets_it_twice(row: Row) -> None:
    with open_road(**QUICK_SWEEPS) as road:
        for times, expected in ((1, row.once), (2, row.twice)):
            ticket_id = f"T-{times}"
            road.stand_in.script(replace(row.fault, times=times))
            road.put(ticket_id)
            road.run(hours=1, until=lambda: ticket_id in dict(road.history.said))  # noqa: B023
            first = road.item(ticket_id)
            check(road)
            road.stand_in.clear()
            road.run(hours=12)

            assert first["diagnosis_status"] == expected
            failed = dead_letters(road)
            if expected == "failed":
                assert first["diagnosis"].startswith("## Diagnosis error")
                assert ticket_id in failed
            else:
                assert road.item(ticket_id)["diagnosis_status"] == "done"
                assert ticket_id not in failed
            check(road)
        assert bool(road.history.counted["AccountFault"]) == (row.whose is Whose.ACCOUNT)


@pytest.mark.parametrize("hours", [0.5, pytest.param(4, marks=pytest.mark.long)])
@pytest.mark.parametrize(
    "row",
    named(
        (row for row in ROWS if row.whose is not Whose.TICKET),
        quick=("rate limit", "rate limit for days", "overloaded", "spend limit", "server error", "timed out"),
    ),
)
def test_a_fault_that_is_nobodys_ticket_fails_none(row: Row, hours: float) -> None:
    with open_road(**QUICK_SWEEPS) as road:
        tickets = put_tickets(road, 2)
        road.stand_in.script(replace(row.fault, times=None))
        road.run(hours)

        assert came_to(road, "done") == came_to(road, "failed") == []
        check(road)

        road.stand_in.clear()
        road.run(hours=12)

        assert sorted(came_to(road, "done")) == tickets
        assert came_to(road, "failed") == []
        check(road)


@pytest.mark.parametrize(
    "row",
    named(
        (row for row in ROWS if row.whose is Whose.AMBIGUOUS),
        quick=("timed out", "server error", "bad request"),
    ),
)
def test_ten_tickets_behind_one_that_always_meets_a_fault(row: Row) -> None:
    with open_road(**QUICK_SWEEPS) as road:
        road.stand_in.script(replace(row.fault, times=None, match=meant_for("T-bad")))
        road.put("T-bad")
        others = put_tickets(road, 10)
        road.run(hours=6)

        assert sorted(came_to(road, "done")) == others
        assert came_to(road, "failed") == ["T-bad"]
        first_done = min(moved.at for moved in road.history.moved if moved.target == "done")
        [failed_at] = [moved.at for moved in road.history.moved if moved.target == "failed"]
        assert first_done < failed_at
        assert len({which for which, _ in road.history.asked if which[0] == "T-bad"}) == 1 + 3
        check(road)


def test_two_tickets_that_always_meet_a_fault_are_no_outage_while_others_get_through() -> None:
    with open_road(**QUICK_SWEEPS) as road:
        for bad in ("T-bad", "T-worse"):
            road.stand_in.script(Fault(Kind.BAD_REQUEST, times=None, match=meant_for(bad)))
            road.put(bad)
        for number in range(8):
            road.put(f"T-{number:02}")
            road.run(hours=1)

            assert road.item(f"T-{number:02}")["diagnosis_status"] == "done"
            check(road)
        assert sorted(came_to(road, "failed")) == ["T-bad", "T-worse"]


def test_a_ticket_alone_is_not_blamed() -> None:
    with open_road(**QUICK_SWEEPS) as road:
        road.stand_in.script(Fault(Kind.BAD_REQUEST, times=None))
        road.put("T-1")
        road.run(hours=8)

        assert statuses(road) == {"deferred"}
        assert len(road.history.asked) <= 6 + 8, "after the first hour, one call an hour is enough"
        check(road)


def test_an_outage_that_comes_back_fails_no_backlog() -> None:
    with open_road(**QUICK_SWEEPS) as road:
        tickets = put_tickets(road, 4)
        for recovery, hours in enumerate((0.25, 3.0), start=1):
            road.stand_in.script(Fault(Kind.UNAVAILABLE, times=None))
            road.run(hours)
            road.stand_in.clear()
            road.run(hours=1, until=lambda: answers(road) == recovery)  # noqa: B023
        road.run(hours=4)

        assert sorted(came_to(road, "done")) == tickets
        assert came_to(road, "failed") == []
        check(road)


def test_a_long_outage_costs_few_calls() -> None:
    with open_road(**QUICK_SWEEPS) as road:
        put_tickets(road, 5)
        road.stand_in.stop()
        road.run(hours=2)

        assert statuses(road) == {"deferred"}
        assert len(road.history.asked) <= 2 * (2 * 6 + 6), "a call and its quick retry, every ten minutes"
        assert len(came_to(road, "pending")) <= len(road.history.asked), "who cannot call is not woken"
        check(road)

        road.stand_in.start()
        road.run(hours=2)

        assert statuses(road) == {"done"}
        check(road)


def test_after_a_bad_key_is_rotated_all_are_diagnosed() -> None:
    with open_road(**QUICK_SWEEPS) as road:
        put_tickets(road, 5)
        road.set_key(BAD_KEY)
        road.run(hours=3)

        assert statuses(road) == {"deferred"}
        assert len(road.history.asked) <= 6 + 3, "the gate doubles to an hour"
        assert all("401" in item["deferred_reason"] for item in road.items())
        check(road)

        road.set_key("sk-rotated")
        road.run(hours=2)

        assert statuses(road) == {"done"}
        check(road)


def test_a_gate_opened_by_hand_brings_the_backlog_back_at_once() -> None:
    with open_road() as road:
        put_tickets(road, 5)
        road.set_key(BAD_KEY)
        road.run(hours=2)
        road.set_key("sk-rotated")
        road.sweep(open_gate=True)
        road.run(hours=0.1)

        assert statuses(road) == {"done"}
        check(road)


@pytest.mark.parametrize("secret", [None, "", "{", '{"key": "sk-test-key"}', "two words", "sk-clé"])
def test_a_secret_without_a_usable_key_makes_all_wait(secret: str | None) -> None:
    with open_road(**QUICK_SWEEPS) as road:
        put_tickets(road, 2)
        if secret is None:
            road.stack.secrets.delete_secret(SecretId=road.stack.ref("AnthropicApiKey"))
        else:
            road.set_key(secret or " ")
        road.run(hours=0.5)

        assert statuses(road) == {"deferred"}
        assert road.stand_in.calls == ()
        assert road.history.counted["AccountFault"]
        check(road)

        if secret is None:
            road.stack.secrets.restore_secret(SecretId=road.stack.ref("AnthropicApiKey"))
        road.set_key('{"api_key": "sk-mended"}')
        road.run(hours=2)

        assert statuses(road) == {"done"}
        check(road)


def test_headers_that_say_the_next_call_will_not_fit_make_it_wait_its_turn() -> None:
    with open_road(**QUICK_SWEEPS) as road:
        road.stand_in.buckets = Buckets(Limits(requests_per_minute=1), road.clock.now)
        put_tickets(road, 4)
        road.run(hours=1)

        assert statuses(road) == {"done"}
        assert road.stand_in.refused == 0
        check(road)


def test_a_spend_cap_makes_tickets_wait_for_the_next_day() -> None:
    with open_road(DAILY_SPEND_CAP_USD="0.001", SWEEP_INTERVAL_SECONDS="3600") as road:
        put_tickets(road, 3)
        road.run(hours=12)
        check(road)
        road.run(hours=72)

        assert statuses(road) == {"done"}
        start = datetime.fromtimestamp(road.history.asked[0][1].at, UTC).date()
        days = [datetime.fromtimestamp(asked.at, UTC).date() for _, asked in road.history.asked]
        assert days == [start + timedelta(days=number) for number in range(3)]
        check(road)


@pytest.mark.parametrize("times", [1, 3], ids=["once", "until the record is given up"])
@pytest.mark.parametrize(
    ("operation", "after", "fault"),
    [
        pytest.param("UpdateItem", 0, None, id="when it is claimed"),
        pytest.param("UpdateItem", 1, Fault(Kind.BAD_REQUEST, times=3), id="when the fault is noted"),
        pytest.param("SendMessage", 0, Fault(Kind.BAD_REQUEST, times=3), id="when it is put off"),
        pytest.param("SendMessage", 0, Fault(Kind.REFUSAL, times=3), id="when it fails"),
    ],
)
def test_aws_refuses_a_call_of_ours(operation: str, after: int, fault: Fault | None, times: int) -> None:
    with open_road(MAX_RECORD_AGE_SECONDS="3600", **QUICK_SWEEPS) as road:
        road.stand_in.script(*([fault] if fault else []))
        road.put("T-1")
        with throttled(operation, after=after, times=times):
            road.step()
        check(road)
        road.stand_in.clear()
        road.run(hours=6)

        assert statuses(road) == {"failed" if fault and fault.kind is Kind.REFUSAL and times == 1 else "done"}
        check(road)


def test_a_diagnosis_that_aws_does_not_take_is_written_again_and_not_asked_for_again() -> None:
    with open_road(**QUICK_SWEEPS) as road:
        road.put("T-1")
        with throttled("UpdateItem", after=1, times=20):
            road.step()

        assert statuses(road) == {"done"}
        assert road.stand_in.answered == 1
        check(road)


def test_a_bug_of_ours_fails_no_backlog() -> None:
    with open_road(**QUICK_SWEEPS) as road:
        put_tickets(road, 3)
        road.claude.broken = lambda _prompt: True
        road.run(hours=4)

        assert came_to(road, "failed") == []
        assert road.stand_in.calls == ()
        check(road)

        road.claude.broken = lambda _prompt: False
        road.run(hours=12)

        assert statuses(road) == {"done"}
        check(road)


def test_a_ticket_on_which_we_always_crash_fails_after_others_were_diagnosed() -> None:
    with open_road(**QUICK_SWEEPS) as road:
        road.claude.broken = lambda prompt: meant_for("T-bad") in prompt.user
        road.put("T-bad")
        others = put_tickets(road, 3)
        road.run(hours=12)

        assert sorted(came_to(road, "done")) == others
        assert came_to(road, "failed") == ["T-bad"]
        assert road.item("T-bad")["diagnosis_error"]["kind"] == "crashed"
        check(road)


@dataclass(frozen=True)
class Happening:
    """A fault for so many calls of one ticket (or of whoever calls next), and minutes that pass then."""

    row: Row
    times: int
    ticket: str
    minutes: float

    @property
    def match(self) -> str:
        return meant_for(self.ticket) if self.ticket else ""


TICKETS = ("T-00", "T-01", "T-02")
SEQUENCES = st.lists(
    st.sampled_from(ROWS).flatmap(
        lambda row: st.builds(
            Happening,
            row=st.just(row),
            times=st.sampled_from([1, 1, 2, 3, 8]),
            ticket=st.sampled_from(TICKETS if row.whose is Whose.TICKET else ("", *TICKETS)),
            minutes=st.sampled_from([0.0, 1.0, 5.0, 15.0, 60.0]),
        )
    ),
    min_size=2,
    max_size=8,
)
SLOW = settings(
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)


def goes_through(sequence: list[Happening]) -> None:
    with open_road(**QUICK_SWEEPS) as road:
        put_tickets(road, len(TICKETS))
        for number, happening in enumerate(sequence):
            road.stand_in.script(replace(happening.row.fault, times=happening.times, match=happening.match))
            road.put(f"N-{number}")
            road.run(hours=happening.minutes / 60)
            check(road)
        road.stand_in.clear()
        road.run(hours=48)
        check(road)

        assert all(is_finished(item) for item in road.items())
        at_fault = {happening.ticket for happening in sequence if happening.row.whose is Whose.TICKET}
        failed = {
            i["ticket_id"]: i["diagnosis_error"]["kind"] for i in road.items() if "diagnosis_error" in i
        }
        blamed = {ticket_id for ticket_id, kind in failed.items() if kind == "ambiguous"}
        assert set(failed) - blamed <= at_fault
        assert blamed == blamed_by_the_rule(road)


def blamed_by_the_rule(road: Road) -> set[str]:
    """The blame rule once more, told by what came of each invocation in turn."""
    last = {which: asked.outcome for which, asked in road.history.asked}
    faulted_since_success: set[str] = set()
    others_succeeded: dict[str, bool] = {}
    counts: dict[str, int] = defaultdict(int)
    for (ticket_id, _), outcome in last.items():
        if outcome in ("ambiguous", TIMED_OUT):
            counts[ticket_id] += others_succeeded.get(ticket_id, False) and faulted_since_success <= {
                ticket_id
            }
            faulted_since_success.add(ticket_id)
            others_succeeded.setdefault(ticket_id, False)
        elif outcome not in ("shared_limit", "account"):
            faulted_since_success.clear()
            others_succeeded = dict.fromkeys(others_succeeded, True)
    return {ticket_id for ticket_id, count in counts.items() if count >= 3}


@settings(SLOW, max_examples=6)
@given(SEQUENCES)
def test_random_sequences(sequence: list[Happening]) -> None:
    goes_through(sequence)


@pytest.mark.long
@settings(SLOW, max_examples=300)
@given(SEQUENCES)
def test_many_random_sequences(sequence: list[Happening]) -> None:
    goes_through(sequence)
