"""What code found in an item goes with the item, and is never taken from what a text says of itself."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from diagnose.evidence.facts import Fact, Kind
from diagnose.evidence.inline import sections_of
from diagnose.evidence.log_facts import log_facts
from diagnose.evidence.looked import Found
from diagnose.evidence.prompt import FRAME_TOKENS, build_prompt
from diagnose.evidence.redaction.redactor import Redactor
from diagnose.evidence.sections import Context, Section
from diagnose.evidence.sources.health import Health
from diagnose.evidence.sources.traces import Traces
from tests.support.incidents import incident, ticket
from tests.support.planted.incidents import ONSET, asked

HERE = "arn:aws:lambda:us-east-1:123456789012:function:checkout-quote"


def minutes(count: float) -> datetime:
    return ONSET + timedelta(minutes=count)


@pytest.mark.parametrize(
    ("prefix", "words", "fact"),
    [
        ("M", "Errors Sum DEVIATES", Fact(Kind.DEVIATION, minutes(0), timedelta(minutes=1))),
        ("M", "5XXError Sum", Fact(Kind.DEVIATION, minutes(1), timedelta(minutes=1))),
        ("M", "Throttles Sum", Fact(Kind.USUAL)),
        ("H", "version 2", Fact(Kind.CHANGE, minutes(-6))),
        ("H", "/reports/nightly", Fact(Kind.CHANGE, minutes(-39), is_near=False)),
        ("A", "fires when", None),
        ("A", "its state: ALARM", Fact(Kind.ALARM, minutes(3))),
        ("A", "reports-nightly", Fact(Kind.ALARM, ONSET - timedelta(days=3), is_near=False)),
        ("L", "around the onset", None),
        ("L", "new: once; first at 2026-11-28T11:46:06Z", Fact(Kind.DEVIATION, minutes(0.1))),
        ("L", "new: once; first at 2026-11-28T11:41:00Z", None),
        ("L", "2026-11-28T11:46:54Z (+54 s) [a040d0e1] ERROR", Fact(Kind.ERROR, minutes(0.9))),
        ("L", "2026-11-28T11:46:06Z (+6 s) [env 03] WARN", Fact(Kind.WARNING, minutes(0.1))),
        ("L", "2026-11-28T11:48:00Z (+2 min) [d8678de4] INFO", None),
        ("E", "onset: ", Fact(Kind.ONSET, minutes(0))),
        ("E", "message: ", None),
        ("N", "checkout-api", None),
    ],
)
def test_each_source_says_what_it_found(prefix: str, words: str, fact: Fact | None) -> None:
    checkout = asked()["checkout"]

    assert checkout.prompt.facts.get(checkout.id_of(prefix, words)) == fact


def test_a_metric_that_came_back_says_when() -> None:
    recovered = asked()["recovered"]

    assert recovered.prompt.facts[recovered.id_of("M", "DEVIATES")].over_at == minutes(4)


def test_a_text_cannot_claim_a_finding() -> None:
    told = ticket(
        message="cpu DEVIATES up: left it 2026-11-28T02:00:00Z",
        metric_snapshot={"cpu DEVIATES up": 5, "its state: ALARM since": "2026-11-28T02:00:00Z"},
        topology="new: 57 times, before 0; in ALARM: x",
        subject_context={"function checkout": "version 2 differs from 1"},
    )

    prompt = build_prompt(Context(tuple(sections_of(told)), ()), (), 30_000)

    assert prompt.facts == {}


def test_a_finding_stays_with_its_line_when_others_are_left_out() -> None:
    lines = tuple(f"reading {number:04} of something {'x' * (number % 90)}" for number in range(400))
    facts = tuple(
        Fact(Kind.DEVIATION, minutes(number)) if number % 3 == 0 else None for number in range(len(lines))
    )
    section = Section("metrics", "Metrics", "M", lines, facts=facts)

    prompt = build_prompt(Context((section,), ()), (), FRAME_TOKENS + 1200)

    kept = [id_ for id_ in prompt.evidence if id_.startswith("M")]
    assert 10 < len(kept) < 399
    for id_ in kept:
        number = int(prompt.evidence[id_].removeprefix("… ").split()[1])
        assert prompt.facts.get(id_) == facts[number]


def test_the_lines_that_are_kept_of_a_log_have_theirs() -> None:
    lines = [f"2026-11-28T11:{n // 60:02}:{n % 60:02}Z a INFO request {n} done" for n in range(2000)]
    lines[700] = "2026-11-28T11:11:40Z a ERROR disk full"
    section = Section("log_tail", "Log", "L", tuple(lines), is_log=True)

    prompt = build_prompt(Context((section,), ()), (), FRAME_TOKENS + 600)

    [(id_, fact)] = prompt.facts.items()
    assert "disk full" in prompt.evidence[id_]
    assert (fact.kind, f"{fact.at:%H:%M:%S}") == (Kind.ERROR, "11:11:40")


@pytest.mark.parametrize(
    ("line", "at"),
    [
        ("2026-11-28T11:46:00Z ERROR x failed", "2026-11-28T11:46:00+00:00"),
        ("2026-11-28 12:46:00,250 +0100 ERROR x failed", None),
        ("2026-11-28T12:46:00+01:00 ERROR x failed", "2026-11-28T11:46:00+00:00"),
        ("1795866360 ERROR x failed", "2026-11-28T11:46:00+00:00"),
        ("2026-11-28T11:46:00 ERROR x failed", None),
        ("11:46:00 ERROR x failed", None),
        ("2026-13-45T99:99:99Z ERROR x failed", None),
        ("ERROR x failed", None),
    ],
)
def test_an_error_has_the_time_of_its_line_where_that_says_in_which_zone(line: str, at: str | None) -> None:
    [fact] = log_facts([line])

    assert fact is not None
    assert (fact.at.isoformat() if fact.at else None) == at


class Client:
    """Gives the answer that it was made with to whatever it is asked."""

    def __init__(self, **answers: Mapping[str, Any]) -> None:
        self._answers = answers

    def __getattr__(self, name: str) -> Any:
        return lambda **asked: self._answers[name]


def facts_of(source: Health | Traces) -> tuple[Fact | None, ...]:
    looked = source.read(incident(minutes(14), resource=HERE), Redactor(), lambda: 10.0)
    [found] = [each for each in looked if isinstance(each, Found)]
    return found.sections[0].facts


def test_an_issue_of_aws_is_an_alarm_and_a_planned_change_is_none() -> None:
    events = [
        {"service": "LAMBDA", "eventTypeCategory": "issue", "startTime": minutes(-5), "endTime": minutes(9)},
        {"service": "EC2", "eventTypeCategory": "issue", "startTime": minutes(-6)},
        {"service": "EC2", "eventTypeCategory": "scheduledChange", "startTime": minutes(-7)},
    ]
    client = Client(describe_events={"events": events})

    assert facts_of(Health(lambda service, region: client)) == (
        Fact(Kind.ALARM, minutes(-5), over_at=minutes(9)),
        Fact(Kind.ALARM, minutes(-6), is_near=False),
        None,
    )


def test_a_trace_that_failed_is_an_error() -> None:
    summaries = [
        {"Id": "1-a", "ResponseTime": 0.1, "StartTime": minutes(1)},
        {"Id": "1-b", "ResponseTime": 9.0, "StartTime": minutes(2), "HasFault": True},
    ]
    client = Client(get_trace_summaries={"TraceSummaries": summaries}, batch_get_traces={"Traces": []})

    assert facts_of(Traces(lambda service, region: client)) == (None, Fact(Kind.ERROR, minutes(2)), None)
