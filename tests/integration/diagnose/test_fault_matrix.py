"""Every way in which Claude does not answer (the table in docs/), alone and in random sequences.

Over real HTTP, with the real SDK; time moves by the clock (tests/support). What stands for what: the stand-in
is silent for longer than the SDK waits where the real Claude would time out, and hangs up where a connection
would break.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from local.claude.faults import Fault, Kind
from local.claude.limits import Buckets, Limits
from local.claude.requests import BAD_KEY
from tests.support.promises import check
from tests.support.stepped_pipeline import SteppedPipeline, is_finished, meant_for, stepped_pipeline
from tests.support.throttled_aws import throttled
from tickets.wake_up import FailedTicket, read_message

# Other tests say what is covered; to follow these line by line would take minutes.
pytestmark = pytest.mark.not_followed

SILENT_SECONDS = 2.0
"""Real seconds; the SDK waits for 0.6 of them, and the stand-in stops waiting when the test is over."""


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
        overloaded=Fault(Kind.OVERLOADED),
    ),
    *rows(Whose.SHARED, "done", "deferred", ramp_limit=Fault(Kind.RAMP_LIMIT, retry_after=60)),
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
        organization_disabled=Fault(Kind.BAD_REQUEST, message="This organization has been disabled."),
        unsupported_setting=Fault(
            Kind.BAD_REQUEST, message="This model does not support the effort parameter."
        ),
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
        filtered=Fault(Kind.BAD_REQUEST, message="Output blocked by content filtering policy"),
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


def put_tickets(pipeline: SteppedPipeline, count: int) -> list[str]:
    ticket_ids = [f"T-{number:02}" for number in range(count)]
    for ticket_id in ticket_ids:
        pipeline.put(ticket_id)
    return ticket_ids


def came_to(pipeline: SteppedPipeline, status: str) -> list[str]:
    """The tickets that came to this status, in that order."""
    return [moved.ticket_id for moved in pipeline.history.moved if moved.target == status]


def dead_letters(pipeline: SteppedPipeline) -> list[str]:
    """The tickets of up to ten messages on the dead-letter queue."""
    queue = pipeline.stack.ref("DeadLetterQueue")
    found = pipeline.stack.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, VisibilityTimeout=0)
    read = [read_message(message["Body"]) for message in found.get("Messages", [])]
    return [message.ticket_id for message in read if isinstance(message, FailedTicket)]


def statuses(pipeline: SteppedPipeline) -> set[str]:
    return {str(item.get("diagnosis_status")) for item in pipeline.items()}


def answers(pipeline: SteppedPipeline) -> int:
    return sum(asked.outcome == "answer" for _, asked in pipeline.history.asked)


OF_EACH_KIND = (
    "rate limit",
    "ramp limit",
    "rate limit for days",
    "key refused",
    "server error",
    "timed out",
    "refusal",
)


@pytest.mark.parametrize("row", named(ROWS, quick=OF_EACH_KIND))
def test_a_ticket_that_meets_a_fault_once_and_one_that_meets_it_twice(row: Row) -> None:
    with stepped_pipeline(**QUICK_SWEEPS) as pipeline:
        for times, expected in ((1, row.once), (2, row.twice)):
            ticket_id = f"T-{times}"
            pipeline.stand_in.script(replace(row.fault, times=times))
            pipeline.put(ticket_id)
            pipeline.run(hours=1, until=lambda: ticket_id in dict(pipeline.history.said))  # noqa: B023
            first = pipeline.item(ticket_id)
            check(pipeline)
            pipeline.stand_in.clear()
            pipeline.run(hours=12)

            assert first["diagnosis_status"] == expected
            failed = dead_letters(pipeline)
            if expected == "failed":
                assert first["diagnosis"].startswith("## Diagnosis error")
                assert ticket_id in failed
            else:
                assert pipeline.item(ticket_id)["diagnosis_status"] == "done"
                assert ticket_id not in failed
            check(pipeline)
        assert bool(pipeline.history.counted["AccountFault"]) == (row.whose is Whose.ACCOUNT)


@pytest.mark.parametrize("hours", [0.5, pytest.param(4, marks=pytest.mark.long)])
@pytest.mark.parametrize(
    "row",
    named(
        (row for row in ROWS if row.whose is not Whose.TICKET),
        quick=("rate limit", "rate limit for days", "overloaded", "spend limit", "server error", "timed out"),
    ),
)
def test_a_fault_that_is_nobodys_ticket_fails_none(row: Row, hours: float) -> None:
    with stepped_pipeline(**QUICK_SWEEPS) as pipeline:
        tickets = put_tickets(pipeline, 2)
        pipeline.stand_in.script(replace(row.fault, times=None))
        pipeline.run(hours)

        assert came_to(pipeline, "done") == came_to(pipeline, "failed") == []
        check(pipeline)

        pipeline.stand_in.clear()
        pipeline.run(hours=12)

        assert sorted(came_to(pipeline, "done")) == tickets
        assert came_to(pipeline, "failed") == []
        check(pipeline)


@pytest.mark.parametrize(
    "row",
    named(
        (row for row in ROWS if row.whose is Whose.AMBIGUOUS),
        quick=("timed out",),
    ),
)
def test_ten_tickets_behind_one_that_always_meets_a_fault(row: Row) -> None:
    with stepped_pipeline(**QUICK_SWEEPS) as pipeline:
        pipeline.stand_in.script(replace(row.fault, times=None, match=meant_for("T-bad")))
        pipeline.put("T-bad")
        others = put_tickets(pipeline, 10)
        started = pipeline.clock.now()
        pipeline.run(hours=6)

        assert sorted(came_to(pipeline, "done")) == others
        assert max(moved.at for moved in pipeline.history.moved if moved.target == "done") < started + 900
        assert came_to(pipeline, "failed") == []
        assert pipeline.item("T-bad")["diagnosis"].startswith("## Diagnosis error")
        assert len({which for which, _ in pipeline.history.asked if which[0] == "T-bad"}) <= 9
        check(pipeline)

        pipeline.stand_in.clear()
        pipeline.run(hours=12)

        assert pipeline.item("T-bad")["diagnosis_status"] == "done"


@pytest.mark.long
def test_two_tickets_that_always_meet_a_fault_are_no_outage_while_others_get_through() -> None:
    with stepped_pipeline(**QUICK_SWEEPS) as pipeline:
        for bad in ("T-bad", "T-worse"):
            pipeline.stand_in.script(Fault(Kind.BAD_REQUEST, times=None, match=meant_for(bad)))
            pipeline.put(bad)
        for number in range(8):
            pipeline.put(f"T-{number:02}")
            pipeline.run(hours=1)

            assert pipeline.item(f"T-{number:02}")["diagnosis_status"] == "done"
            check(pipeline)
        assert came_to(pipeline, "failed") == []
        assert {pipeline.item(bad)["deferred_for"] for bad in ("T-bad", "T-worse")} == {"trouble"}


def test_a_ticket_that_is_never_answered_is_tried_ever_more_seldom() -> None:
    with stepped_pipeline(**QUICK_SWEEPS) as pipeline:
        pipeline.stand_in.script(Fault(Kind.BAD_REQUEST, times=None))
        pipeline.put("T-1")
        pipeline.run(hours=8)

        assert statuses(pipeline) == {"deferred"}
        assert len(pipeline.history.asked) <= 9, "each wait is twice as long as the one before"
        check(pipeline)


def test_an_outage_that_comes_back_fails_no_backlog() -> None:
    with stepped_pipeline(**QUICK_SWEEPS) as pipeline:
        tickets = put_tickets(pipeline, 4)
        for recovery, hours in enumerate((0.25, 3.0), start=1):
            pipeline.stand_in.script(Fault(Kind.UNAVAILABLE, times=None))
            pipeline.run(hours)
            pipeline.stand_in.clear()
            pipeline.run(hours=1, until=lambda: answers(pipeline) == recovery)  # noqa: B023
        pipeline.run(hours=4)

        assert sorted(came_to(pipeline, "done")) == tickets
        assert came_to(pipeline, "failed") == []
        check(pipeline)


def test_a_long_outage_costs_few_calls() -> None:
    with stepped_pipeline(**QUICK_SWEEPS) as pipeline:
        put_tickets(pipeline, 5)
        pipeline.stand_in.stop()
        pipeline.run(hours=2)

        assert statuses(pipeline) == {"deferred"}
        assert len(pipeline.history.asked) <= 5 * 2 * 7, "a call and its quick retry, after doubling waits"
        assert len(came_to(pipeline, "pending")) <= len(pipeline.history.asked), (
            "who cannot call is not woken"
        )
        check(pipeline)

        pipeline.stand_in.start()
        pipeline.run(hours=3)

        assert statuses(pipeline) == {"done"}
        check(pipeline)


def test_after_a_bad_key_is_rotated_all_are_diagnosed() -> None:
    with stepped_pipeline(**QUICK_SWEEPS) as pipeline:
        put_tickets(pipeline, 5)
        pipeline.set_key(BAD_KEY)
        pipeline.run(hours=3)

        assert statuses(pipeline) == {"deferred"}
        assert len(pipeline.history.asked) <= 6 + 3, "the gate doubles to an hour"
        assert all("401" in item["deferred_reason"] for item in pipeline.items())
        check(pipeline)

        pipeline.set_key("sk-rotated")
        pipeline.run(hours=2)

        assert statuses(pipeline) == {"done"}
        check(pipeline)


def test_a_gate_opened_by_hand_brings_the_backlog_back_at_once() -> None:
    with stepped_pipeline() as pipeline:
        put_tickets(pipeline, 5)
        pipeline.set_key(BAD_KEY)
        pipeline.run(hours=2)
        pipeline.set_key("sk-rotated")
        pipeline.sweep(open_gate=True)
        pipeline.run(hours=0.1)

        assert statuses(pipeline) == {"done"}
        check(pipeline)


@pytest.mark.parametrize("secret", [None, "", "{", '{"key": "sk-test-key"}', "two words", "sk-clé"])
def test_a_secret_without_a_usable_key_makes_all_wait(secret: str | None) -> None:
    with stepped_pipeline(**QUICK_SWEEPS) as pipeline:
        put_tickets(pipeline, 2)
        if secret is None:
            pipeline.stack.secrets.delete_secret(SecretId=pipeline.stack.ref("AnthropicApiKey"))
        else:
            pipeline.set_key(secret or " ")
        pipeline.run(hours=0.5)

        assert statuses(pipeline) == {"deferred"}
        assert pipeline.stand_in.calls == ()
        assert pipeline.history.counted["AccountFault"]
        check(pipeline)

        if secret is None:
            pipeline.stack.secrets.restore_secret(SecretId=pipeline.stack.ref("AnthropicApiKey"))
        pipeline.set_key('{"api_key": "sk-mended"}')
        pipeline.run(hours=2)

        assert statuses(pipeline) == {"done"}
        check(pipeline)


def test_headers_that_say_the_next_call_will_not_fit_make_it_wait_its_turn() -> None:
    with stepped_pipeline(**QUICK_SWEEPS) as pipeline:
        pipeline.stand_in.buckets = Buckets(Limits(requests_per_minute=1), pipeline.clock.now)
        put_tickets(pipeline, 4)
        pipeline.run(hours=1)

        assert statuses(pipeline) == {"done"}
        assert pipeline.stand_in.refused == 0
        check(pipeline)


@pytest.mark.long
def test_a_spend_cap_makes_tickets_wait_for_the_next_day() -> None:
    with stepped_pipeline(DAILY_SPEND_CAP_USD="0.001", SWEEP_INTERVAL_SECONDS="3600") as pipeline:
        put_tickets(pipeline, 3)
        pipeline.run(hours=12)
        check(pipeline)
        pipeline.run(hours=72)

        assert statuses(pipeline) == {"done"}
        start = datetime.fromtimestamp(pipeline.history.asked[0][1].at, UTC).date()
        days = [datetime.fromtimestamp(asked.at, UTC).date() for _, asked in pipeline.history.asked]
        assert days == [start + timedelta(days=number) for number in range(3)]
        check(pipeline)


@pytest.mark.parametrize("times", [1, 3], ids=["once", "until the record is given up"])
@pytest.mark.parametrize(
    ("operation", "after", "fault"),
    [
        pytest.param("UpdateItem", 0, None, id="when it is claimed"),
        pytest.param("UpdateItem", 1, Fault(Kind.BAD_REQUEST, times=3), id="when the fault is noted"),
        pytest.param(
            "SendMessage", 0, Fault(Kind.RATE_LIMIT, retry_after=600, times=3), id="when it is put off"
        ),
        pytest.param("SendMessage", 0, Fault(Kind.REFUSAL, times=3), id="when it fails"),
    ],
)
def test_aws_refuses_a_call_of_ours(operation: str, after: int, fault: Fault | None, times: int) -> None:
    with stepped_pipeline(**QUICK_SWEEPS) as pipeline:
        pipeline.stand_in.script(*([fault] if fault else []))
        pipeline.put("T-1")
        with throttled(operation, after=after, times=times):
            pipeline.step()
        check(pipeline)
        pipeline.stand_in.clear()
        pipeline.run(hours=6)

        assert statuses(pipeline) == {
            "failed" if fault and fault.kind is Kind.REFUSAL and times == 1 else "done"
        }
        check(pipeline)


def test_a_diagnosis_that_aws_does_not_take_is_written_again_and_not_asked_for_again() -> None:
    with stepped_pipeline(**QUICK_SWEEPS) as pipeline:
        pipeline.put("T-1")
        with throttled("UpdateItem", after=1, times=20):
            pipeline.step()

        assert statuses(pipeline) == {"done"}
        assert pipeline.stand_in.answered == 1
        check(pipeline)


@pytest.mark.long
def test_a_bug_of_ours_fails_no_backlog() -> None:
    with stepped_pipeline(**QUICK_SWEEPS) as pipeline:
        put_tickets(pipeline, 3)
        pipeline.claude.broken = lambda _prompt: True
        pipeline.run(hours=4)

        assert came_to(pipeline, "failed") == []
        assert pipeline.stand_in.calls == ()
        check(pipeline)

        pipeline.claude.broken = lambda _prompt: False
        pipeline.run(hours=12)

        assert statuses(pipeline) == {"done"}
        check(pipeline)


def test_a_ticket_on_which_we_always_crash_waits_and_holds_up_no_other() -> None:
    with stepped_pipeline(**QUICK_SWEEPS) as pipeline:
        pipeline.claude.broken = lambda prompt: meant_for("T-bad") in prompt.user
        pipeline.put("T-bad")
        others = put_tickets(pipeline, 3)
        pipeline.run(hours=12)

        assert sorted(came_to(pipeline, "done")) == others
        assert came_to(pipeline, "failed") == []
        assert pipeline.item("T-bad")["diagnosis_error"]["kind"] == "crashed"
        check(pipeline)

        pipeline.claude.broken = lambda _prompt: False
        pipeline.run(hours=36)

        assert statuses(pipeline) == {"done"}


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
    with stepped_pipeline(**QUICK_SWEEPS) as pipeline:
        put_tickets(pipeline, len(TICKETS))
        for number, happening in enumerate(sequence):
            pipeline.stand_in.script(
                replace(happening.row.fault, times=happening.times, match=happening.match)
            )
            pipeline.put(f"N-{number}")
            pipeline.run(hours=happening.minutes / 60)
            check(pipeline)
        pipeline.stand_in.clear()
        pipeline.run(hours=48)
        check(pipeline)

        assert all(is_finished(item) for item in pipeline.items())
        at_fault = {happening.ticket for happening in sequence if happening.row.whose is Whose.TICKET}
        assert {i["ticket_id"] for i in pipeline.items() if i["diagnosis_status"] == "failed"} <= at_fault
        assert not any("troubles" in item for item in pipeline.items())


@settings(SLOW, max_examples=3)
@given(SEQUENCES)
def test_random_sequences(sequence: list[Happening]) -> None:
    goes_through(sequence)


PARTS = 4


@pytest.mark.long
@pytest.mark.parametrize("part", range(PARTS))
def test_many_random_sequences(part: int) -> None:
    """In parts that several processes share, each of sequences of its own."""

    @seed(part)
    @settings(SLOW, max_examples=300 // PARTS, derandomize=False)
    @given(SEQUENCES)
    def go(sequence: list[Happening]) -> None:
        goes_through(sequence)

    go()
