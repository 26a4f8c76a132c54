"""Reduction: what tells survives, the budget is kept, and nothing goes without being said."""

import random
import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.evidence.log_reduction import GAP, Reduced, reduce_log
from diagnose.evidence.masking import kinds_of
from diagnose.evidence.severity import FAILURE, ROUTINE, TROUBLE, WARNING, Severities

STARTED = "2026-11-17T02:{:02}:{:02}.{:03}Z "


def noise(count: int, chance: random.Random) -> list[str]:
    """What a busy service writes: requests, health checks, and a platform that complains all the time."""
    return [
        STARTED.format(number // 1000 % 60, number % 1000 // 17, number % 1000)
        + chance.choice(
            [
                f"INFO GET /v1/orders/{chance.randrange(10**6)} 200 {chance.randrange(900)} ms",
                f"DEBUG cache hit key=user:{chance.randrange(10**6)}",
                f"WARN  Readiness probe failed: HTTP probe failed with statuscode: 503 pod=api-{number}",
                f"ERROR Back-off restarting failed container api in pod api-7d9f{chance.randrange(10**4)}",
            ]
        )
        for number in range(count)
    ]


def text_of(reduced: Reduced) -> str:
    return "\n".join(reduced.lines)


def test_twenty_rare_errors_among_fifty_thousand_lines_all_survive() -> None:
    chance = random.Random(7)
    log = noise(50_000, chance)
    errors = [f"subsystem_{name} reported an unrecoverable fault" for name in "abcdefghijklmnopqrst"]
    for error in errors:
        log[chance.randrange(len(log))] = f"2026-11-17T02:30:00Z ERROR {error}"

    reduced = reduce_log(log, 4000 * 3)

    assert all(error in text_of(reduced) for error in errors)


def test_a_decisive_line_without_a_word_of_trouble_survives_by_its_rarity() -> None:
    log = noise(5000, random.Random(1))
    log[2000] = "2026-11-17T02:02:00Z INFO reloaded configuration: pool_size 200 -> 2"

    assert "pool_size 200 -> 2" in text_of(reduce_log(log, 4000))


def test_noise_of_the_platform_does_not_drown_the_error_of_the_application() -> None:
    log = noise(3000, random.Random(2))
    log[10] = "2026-11-17T02:00:01Z ERROR java.lang.OutOfMemoryError: Java heap space"

    kept = text_of(reduce_log(log, 3000))

    assert "OutOfMemoryError" in kept
    assert kept.count("Back-off restarting") < 15


def test_of_lines_alike_one_is_shown_with_how_many_there_are_and_from_when_to_when() -> None:
    log = [f"2026-11-17T02:10:{n:02}Z ERROR connection to 10.0.0.{n} refused" for n in range(60)]

    [example] = [line for line in reduce_log(log, 200).lines if "alike" in line]

    assert example.endswith("(one of 60 alike, 2026-11-17T02:10:00Z to 2026-11-17T02:10:59Z)")


def test_an_error_brings_the_lines_around_it() -> None:
    log = noise(3000, random.Random(3))
    log[1499:1502] = [
        "12:00:01 charging order 81",
        "12:00:02 ERROR no such currency",
        "12:00:03 order 81 void",
    ]

    lines = [line.removeprefix(GAP) for line in reduce_log(log, 4000).lines]

    assert set(log[1499:1502]) <= {line.partition(" (one of ")[0] for line in lines}


def test_a_stack_trace_stays_together() -> None:
    trace = [
        "ERROR handler failed",
        "Traceback (most recent call last):",
        *(line for n in range(4) for line in (f'  File "a.py", line {n}, in step_{n}', f"    call_{n}()")),
        "KeyError: 'region'",
    ]
    log = noise(3000, random.Random(4))
    log[1000:1000] = trace

    assert "\n".join(trace) in text_of(reduce_log(log, 6000))


def test_the_end_of_the_log_is_kept() -> None:
    log = [*noise(3000, random.Random(5)), *(f"{chr(97 + n) * 5} is the last thing said" for n in range(5))]

    assert [line.removeprefix(GAP) for line in reduce_log(log, 4000).lines[-5:]] == log[-5:]


def test_what_is_left_out_is_counted() -> None:
    reduced = reduce_log(noise(3000, random.Random(6)), 4000)

    assert reduced.left_out == 3000 - len(reduced.lines)
    assert reduced.note.startswith(f"{reduced.left_out} of 3000 lines were left out; of ")


def test_a_line_too_long_for_its_part_keeps_both_ends() -> None:
    log = [*noise(100, random.Random(8)), "ERROR " + "x" * 50_000 + " disk controller died"]

    [line] = [line for line in reduce_log(log, 4000).lines if "xxx" in line]

    assert line.removeprefix(GAP).startswith("ERROR xxx")
    assert line.endswith("disk controller died")
    assert "characters left out" in line


lines = st.one_of(
    st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=80),
    st.sampled_from(["ERROR boom", "INFO ok", "    at a.b(C.java:1)", "GET / 500", "0 errors", "x" * 500]),
    st.integers(0, 10**6).map(lambda n: f"2026-11-17T02:11:05Z served {n} in {n % 7} ms"),
)
logs = st.lists(lines, max_size=120)


@given(logs, st.integers(-10, 6000), st.integers(0, 12))
def test_the_budget_is_kept_and_every_line_is_shown_or_counted(
    log: list[str], room: int, overhead: int
) -> None:
    reduced = reduce_log(log, room, len, overhead)

    assert sum(len(line) + overhead for line in reduced.lines) <= max(room, 0)
    assert len(reduced.lines) + reduced.left_out == len(log)
    assert bool(reduced.note) == bool(reduced.left_out) or len(reduced.lines) == len(log)


@given(logs, st.integers(0, 6000))
def test_the_lines_kept_are_in_the_order_of_the_log(log: list[str], room: int) -> None:
    log = [f"{number:04}; {line}" for number, line in enumerate(log)]

    kept = [int(line.removeprefix(GAP)[:4]) for line in reduce_log(log, room).lines]

    assert all(earlier < later for earlier, later in pairwise(kept))


@given(logs)
def test_a_log_that_fits_is_shown_whole_and_unchanged(log: list[str]) -> None:
    assert reduce_log(log, sum(len(line) + 1 for line in log)) == Reduced(tuple(log), 0, "")


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("12:00:01 took 41 ms", "12:44:09 took 7 ms", True),
        ("peer 10.1.2.3:8080 gone", "peer 10.9.9.9:443 gone", True),
        ("pod api-7d9f8-x2k gone", "pod api-5c1aa-q9z gone", True),
        ("exit code 0", "exit code 1", False),
        ("GET /a HTTP/1.1 200", "GET /b HTTP/1.1 502", False),
        ("cache hit", "cache miss", False),
        ('{"status":200,"ms":3}', '{"status":503,"ms":4}', False),
    ],
)
def test_lines_that_differ_in_numbers_that_do_not_matter_are_of_one_kind(
    one: str, other: str, alike: bool
) -> None:
    assert (len(kinds_of([one, other]).counts) == 1) is alike


@pytest.mark.parametrize(
    ("line", "bits"),
    [
        ("2026-11-17T02:11:05Z ERROR could not connect", FAILURE),
        ("E1117 02:11:05.123 1 controller.go:114] sync", FAILURE),
        ('{"level":"error","msg":"x"}', FAILURE),
        ("##[error]Process completed with exit code 1.", FAILURE),
        ("app exited with code 137", FAILURE),
        ("java.lang.IllegalStateException: closed", FAILURE),
        ("main.rs:5: error[E0308]: mismatched types", FAILURE),
        ("1 failed, 3 passed", FAILURE),
        ("connection refused by 10.0.0.1", TROUBLE),
        ("request timed out", TROUBLE),
        ("server returned 502", TROUBLE),
        ('level=debug msg="cleanup aborted"', TROUBLE / 2),
        ("[WARN] queue is long", WARNING),
        ("0 errors, 0 failed", ROUTINE),
        ("no errors found", ROUTINE),
        ("compiling src/errors.rs with --fail-fast", ROUTINE),
        ("test_error.py::test_it PASSED", ROUTINE),
        ('{"error":null,"failed":0}', ROUTINE),
        ("served 3 requests", ROUTINE),
    ],
)
def test_how_bad_a_line_says_things_are(line: str, bits: float) -> None:
    [template] = kinds_of([line]).templates

    assert Severities().of(template) == bits


def test_the_example_names_no_time_where_the_lines_have_none() -> None:
    kept = text_of(reduce_log(["same thing"] * 100, 60))

    assert re.search(r"\(one of 100 alike\)", kept)
