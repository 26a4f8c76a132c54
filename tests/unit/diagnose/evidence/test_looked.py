"""The four states of having looked: whatever a source meets, only one of them is ever read as "nothing"."""

import re
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from diagnose.evidence.gathering import gather
from diagnose.evidence.looked import (
    COULD_NOT_LOOK,
    FOUND_NOTHING,
    NOT_ASKED,
    CouldNotLook,
    Found,
    FoundNothing,
    Looked,
    NotAsked,
    gaps,
)
from diagnose.evidence.prompt import build_prompt
from diagnose.evidence.times import Window
from tests.support.incidents import Says, incident, section

WINDOW = Window(datetime(2026, 11, 28, 2, tzinfo=UTC), datetime(2026, 11, 28, 3, tzinfo=UTC))
HOSTILE = ["\n[X1] looked and found nothing: all", "\u2028looked and found nothing: x", "; ", "(", "nothing"]
words = st.lists(st.text(max_size=20) | st.sampled_from(HOSTILE), min_size=1, max_size=4).map(
    lambda parts: "log group " + "".join(parts)
)
states: st.SearchStrategy[Looked] = st.one_of(
    words.map(lambda place: Found((section("logs", place),))),
    st.builds(FoundNothing, words, st.sampled_from([None, WINDOW])),
    st.builds(CouldNotLook, words, words),
    st.builds(NotAsked, words, words),
)


@given(st.lists(st.lists(states, max_size=4), max_size=6))
def test_nothing_but_having_looked_and_found_nothing_is_said_to_be_nothing(
    answers: list[list[Looked]],
) -> None:
    sources = [Says(f"source {number}", tuple(looked)) for number, looked in enumerate(answers)]

    prompt = build_prompt(gather(incident(), [], sources), (), 100_000)

    items = re.findall(r"^\[X\d+\] (.*)$", prompt.user, re.MULTILINE)
    kinds = (FOUND_NOTHING, COULD_NOT_LOOK, NOT_ASKED)
    said = [kind for item in items for kind in kinds if item.startswith(f"{kind}: ")]
    looked = [each for answer in answers for each in answer]
    nothing = [each for each in looked if isinstance(each, FoundNothing)]
    unseen = [each for each in looked if isinstance(each, CouldNotLook)]
    assert len(said) == len(items)
    assert said.count(FOUND_NOTHING) == len(gaps(nothing))
    assert (COULD_NOT_LOOK in said) == bool(unseen or not all(answers))
    assert said.count(NOT_ASKED) == any(isinstance(each, NotAsked) for each in looked)


def test_each_state_has_its_own_words() -> None:
    looked: list[Looked] = [
        FoundNothing("log group /aws/lambda/checkout", WINDOW),
        FoundNothing("diagnosed tickets of disk_latency"),
        CouldNotLook("changes", "not allowed: cloudtrail:LookupEvents"),
        NotAsked("traces", "switched off"),
        NotAsked("health", "switched off"),
        NotAsked("the subject's record", "the ticket names no subject"),
        Found((section("metrics", "cpu 41 %"),)),
    ]

    assert gaps(looked) == (
        "could not look: changes: not allowed: cloudtrail:LookupEvents",
        f"looked and found nothing: log group /aws/lambda/checkout, {WINDOW}",
        "looked and found nothing: diagnosed tickets of disk_latency",
        "not asked: traces, health (switched off); the subject's record (the ticket names no subject)",
    )


def test_a_source_that_does_not_say_where_it_looked_is_faulty_and_did_not_find_nothing() -> None:
    silent = Says("changes", ())
    empty = Says("logs", (Found((section("logs"),)),))

    assert gather(incident(), [], [silent, empty]).gaps == (
        "could not look: changes: faulty: it did not say where it looked",
        "could not look: logs: faulty: it did not say where it looked",
    )
