"""What an answer cites and quotes, held against the evidence."""

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from diagnose.diagnosis.checked import Check, Result
from diagnose.diagnosis.checks.checking import CHECKS, check
from diagnose.diagnosis.schema import (
    Alternative,
    Citation,
    Component,
    Diagnosis,
    Hypothesis,
    MetricReading,
    TimelineEntry,
)
from diagnose.evidence.prompt import Prompt

EVIDENCE = {
    "E1": "message: store 7: raft log lag 18412 entries > 5000",
    "E2": "component: store-7",
    "M1": "disk.await_ms = 41.2",
    "M2": "requests_total = 1,412,007",
    "M3": "offset_ms = -3.1",
    "M4": "disk_busy = 100 %",
    "M5": "up = true",
    "M6": "size = 1.50E+3",
    "G1": "runbook: restart at 41.2 ms",
    "L1": "2026-11-17T02:10:35.071Z tikv-4 ERROR failed endpoints=[10.20.1.11:2379] took=3,4,5 p99=1.94s",
}


def doubts(diagnosis: Diagnosis, evidence: Mapping[str, str]) -> list[str]:
    """What failed, each once."""
    found = check(diagnosis, Prompt("", "", dict(evidence), ())).checks
    return list(dict.fromkeys(each.says for each in found if each.result is Result.FAILED))


def answer(
    *,
    readings: Sequence[MetricReading] = (),
    primary: Sequence[Citation] = (),
    supporting: Sequence[Citation] = (),
    contradicting: Sequence[Citation] = (),
    timeline: Sequence[TimelineEntry] = (),
) -> Diagnosis:
    return Diagnosis(
        verdict="inconclusive",
        headline="h",
        timeline=list(timeline),
        components=[],
        metric_readings=list(readings),
        primary=Hypothesis(diagnosis="d", confidence="low", reasoning="r", evidence=list(primary), chain=[]),
        alternatives=[
            Alternative(
                diagnosis="a",
                supporting=list(supporting),
                contradicting=list(contradicting),
                conclusion="c",
                deciding_observation="o",
                deciding_command="",
            )
        ],
        severity="info",
        recommended_action="wait",
        commands=[],
        risks=[],
        missing_data=[],
    )


def reading(value: str, evidence: str = "M1", name: str = "await") -> MetricReading:
    return MetricReading(name=name, value=value, unit="", note="", evidence=evidence)


def cited(shows: str, id_: str) -> Citation:
    return Citation(id=id_, shows=shows)


def test_an_answer_true_to_the_evidence_leaves_no_doubt() -> None:
    diagnosis = answer(
        readings=[reading("41.2"), reading("true", "M5")],
        primary=[cited("await is 41.2 ms", "M1")],
        supporting=[cited("lag of 18412 entries, above 5000", "E1")],
        timeline=[TimelineEntry(at="02:10", event="it failed", evidence=["L1"])],
    )

    assert doubts(diagnosis, EVIDENCE) == []


@pytest.mark.parametrize(
    "diagnosis",
    [
        answer(readings=[reading("1", "M99")]),
        answer(primary=[cited("says 1", "M99")]),
        answer(supporting=[cited("says 1", "M99")]),
        answer(contradicting=[cited("says 1", "M99")]),
        answer(timeline=[TimelineEntry(at="now", event="e", evidence=["M99"])]),
    ],
    ids=["reading", "primary", "supporting", "contradicting", "timeline"],
)
def test_an_id_that_is_not_there_is_doubted_wherever_it_is_cited(diagnosis: Diagnosis) -> None:
    assert doubts(diagnosis, EVIDENCE) == ["cites M99, which is not in the evidence"]


def test_guidance_that_is_cited_as_an_observation_is_doubted() -> None:
    diagnosis = answer(primary=[cited("await is 41.2 ms", "M1"), cited("restart", "G1")])

    assert doubts(diagnosis, EVIDENCE) == ["cites G1 as an observation, which is guidance"]


def test_the_same_doubt_is_said_once() -> None:
    diagnosis = answer(primary=[cited("x", "M99")], supporting=[cited("y", "M99")])

    assert doubts(diagnosis, EVIDENCE) == ["cites M99, which is not in the evidence"]


@pytest.mark.parametrize(
    ("value", "evidence"),
    [
        ("41.2", "M1"),
        ("41.20", "M1"),
        ("41.2 ms", "M1"),
        ("1412007", "M2"),
        ("1,412,007", "M2"),
        ("-3.1", "M3"),
        ("7", "E2"),  # of store-7, whose hyphen is no sign
        ("100%", "M4"),
        ("True", "M5"),
        ("1500", "M6"),
        ("10.20.1.11:2379", "L1"),
        ("1.94 s", "L1"),
        ("02:10:35", "L1"),
        ("4", "L1"),
        ("tikv-4", "L1"),
        ("2026-11-17T02:10:35.071Z", "L1"),
    ],
)
def test_a_value_that_the_evidence_holds_is_believed_however_it_is_written(value: str, evidence: str) -> None:
    assert doubts(answer(readings=[reading(value, evidence)]), EVIDENCE) == []


@pytest.mark.parametrize(
    ("value", "evidence"),
    [
        ("42", "M1"),
        ("1.2", "M1"),
        ("41", "M1"),
        ("1412", "M2"),
        ("10", "M4"),
        ("0", "M4"),
        ("-100", "M4"),
        ("false", "M5"),
        ("345", "L1"),
        ("41.2 of 50", "M1"),
    ],
)
def test_a_value_that_the_evidence_does_not_hold_is_doubted(value: str, evidence: str) -> None:
    assert doubts(answer(readings=[reading(value, evidence)]), EVIDENCE) == [
        f"reads await as {value}, which {evidence} does not say"
    ]


def test_a_citation_is_doubted_for_each_figure_that_its_item_does_not_hold() -> None:
    diagnosis = answer(primary=[cited("await rose from 12 to 41.2 ms within 15 min", "M1")])

    assert doubts(diagnosis, EVIDENCE) == ["quotes 12, 15 min from M1, which does not hold it"]


def test_a_line_cited_to_the_letter_is_believed() -> None:
    observed = {id_: text for id_, text in EVIDENCE.items() if not id_.startswith("G")}

    assert doubts(answer(primary=[cited(text, id_) for id_, text in observed.items()]), EVIDENCE) == []


def test_figures_within_names_are_not_taken_for_quoted_figures() -> None:
    diagnosis = answer(primary=[cited("p99 and gp3 and v8.1.2 are no figures of M1", "M1")])

    assert doubts(diagnosis, EVIDENCE) == []


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**9), max_value=10**9))
def test_any_figure_quoted_as_it_stands_is_believed(figure: object) -> None:
    evidence = {"M1": f"some.metric_9 = {figure}"}

    assert doubts(answer(readings=[reading(str(figure), name="some.metric_9")]), evidence) == []


@given(st.text(), st.text())
@example("1e99999999999999999999", "1e99999999999999999999")
def test_no_text_whatever_stops_the_check(value: str, text: str) -> None:
    found = doubts(answer(readings=[reading(value)], primary=[cited(value, "M1")]), {"M1": text})

    assert isinstance(found, list)


def test_parts_of_an_identifier_are_no_figures_however_it_is_cut() -> None:
    evidence = {"L1": "request 7c1e-22d4f6-91a-5 s3 failed"}

    assert doubts(answer(primary=[cited("request 7c1e-22d … failed on tikv-4", "L1")]), evidence) == []


@pytest.mark.parametrize(
    ("shows", "item"),
    [
        ("it took 3 h 20 min", "it took 3 h 20 min"),
        ("it took 200 min", "it took 3 h 20 min"),
        ("1.41 million requests", "requests_total = 1,412,007"),
        ("98.4 %", "hit_ratio = 0.984"),
        ("2.8 ms", "0.0028 s"),
        ("14.1 GB", "14063512655 bytes"),
        ("14,063,512,655 bytes", "14.1 GB are free"),
        ("10 seconds", "10 s"),
        ("5 minutes", "5 min"),
        ("about 41 ms", "await 41.2 ms"),
    ],
)
def test_units_and_rounding_are_understood(shows: str, item: str) -> None:
    assert doubts(answer(primary=[cited(shows, "M1")]), {"M1": item}) == []


@pytest.mark.parametrize(
    ("shows", "item"),
    [
        ("it took 201 min", "it took 3 h 20 min"),
        ("1.42 million requests", "requests_total = 1,412,007"),
        ("98.5 %", "hit_ratio = 0.984"),
        ("2.9 ms", "0.0028 s"),
        ("14.2 GB", "14063512655 bytes"),
        ("14,163,512,655 bytes", "14.1 GB are free"),
        ("10 ms", "10 s"),
        ("10 min", "10 s"),
        ("41 s", "await 41.2 ms"),
        ("4 ms", "await 41.2 ms"),
        ("41.3 ms", "await 41.2 ms"),
        ("100 ms", "100 %"),
    ],
)
def test_and_so_is_where_they_do_not_agree(shows: str, item: str) -> None:
    assert len(doubts(answer(primary=[cited(shows, "M1")]), {"M1": item})) == 1


@pytest.mark.parametrize(
    ("shows", "is_doubted"),
    [("it lasted 7 min", False), ("for 420 s", False), ("it lasted 8 min", True), ("for 431 s", True)],
)
def test_a_duration_may_lie_between_two_times_of_its_item(shows: str, is_doubted: bool) -> None:
    evidence = {"L1": "down from 2026-11-28T11:46:00Z to 2026-11-28T11:53:00Z"}

    assert bool(doubts(answer(primary=[cited(shows, "L1")]), evidence)) is is_doubted


@pytest.mark.parametrize(
    ("name", "result"),
    [
        ("tikv-4", Result.PASSED),
        ("TIKV-4", Result.PASSED),
        ("store tikv-4 (TiKV)", Result.PASSED),
        ("raft log", Result.PASSED),
        ("7", Result.PASSED),
        ("8", Result.FAILED),
        ("raft requests", Result.FAILED),
        ("log message", Result.UNKNOWN),
        ("tikv", Result.FAILED),
        ("tikv-44", Result.FAILED),
        ("k8s", Result.FAILED),
        ("", Result.FAILED),
    ],
)
def test_a_component_has_to_be_in_the_evidence_by_its_name(name: str, result: Result) -> None:
    evidence = {**EVIDENCE, "E1": "message about the raft log", "E2": "component: 7"}
    diagnosis = answer().model_copy(update={"components": [Component(name=name, role="cause")]})

    found = check(diagnosis, Prompt("", "", evidence, ())).checks

    assert [each.result for each in found if each.name == "component"] == [result]


def test_a_check_that_breaks_is_one_check_less_and_not_a_diagnosis_less(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def breaks(claims: object, items: object) -> list[Check]:
        raise RecursionError

    monkeypatch.setitem(CHECKS, "words", breaks)
    diagnosis = answer(primary=[cited("await is 42 ms", "M1")])

    found = check(diagnosis, Prompt("", "", EVIDENCE, ()))

    assert "was not checked: our check 'words' broke" in found.doubts
    assert "quotes 42 ms from M1, which does not hold it" in found.doubts


def test_an_earlier_diagnosis_beside_other_evidence_costs_nothing() -> None:
    evidence = {**EVIDENCE, "S1": "a disk was worn"}
    both = answer(primary=[cited("await is 41.2 ms", "M1"), cited("a disk was worn", "S1")])
    alone = answer(primary=[cited("a disk was worn", "S1")])

    results = [
        [one.result for one in check(each, Prompt("", "", evidence, ())).checks if one.name == "hint"]
        for each in (both, alone)
    ]

    assert results == [[], [Result.UNKNOWN]]
