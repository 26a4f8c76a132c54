"""What is kept of a section that is no log: long lines lose their middle, then lines go."""

import re
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from diagnose.evidence.abridging import GAP, Abridged, abridge

DESCRIBED = [f"Condition {n}: Ready, last seen well by the node it runs on" for n in range(140)]


def within(lines: Sequence[str], room: int) -> Abridged:
    return abridge(lines, room, len, 1)


def test_what_tells_of_trouble_is_kept_wherever_it_stands() -> None:
    lines = [*DESCRIBED]
    lines[97] = "Last State: Terminated, Reason: OOMKilled, Exit Code: 137"

    kept = within(lines, 2000)

    assert GAP + lines[97] in kept.lines
    assert kept.lines[0] == lines[0]
    assert kept.left_out == len(lines) - len(kept.lines)


def test_of_what_tells_of_no_trouble_the_beginning_is_kept() -> None:
    kept = within(DESCRIBED, 2000)

    assert list(kept.lines) == DESCRIBED[: len(kept.lines)]
    assert kept.only_the_last
    assert 1900 < sum(map(len, kept.lines)) + len(kept.lines) <= 2000


def test_trouble_takes_half_of_the_room_at_most() -> None:
    lines = [*DESCRIBED, *(f"probe {n} failed with an error" for n in range(200))]

    kept = within(lines, 3000)

    assert sum("failed" in line for line in kept.lines) > 20
    assert sum(line.startswith("Condition") for line in kept.lines) > 20


def test_long_lines_lose_their_middle_before_any_line_goes() -> None:
    lines = [f"metric_{n} = [{', '.join(str(n * k + 0.5) for k in range(60))}]" for n in range(20)]

    kept = within(lines, 4000)

    assert kept.left_out == 0
    assert [line.split(" ", 1)[0] for line in kept.lines] == [f"metric_{n}" for n in range(20)]
    assert all("characters left out" in line for line in kept.lines[1:])


def test_a_summary_is_not_shortened_while_others_can_be() -> None:
    steady = f"no departure: {', '.join(f'metric_{n} {n * 7} ms' for n in range(30))}"
    lines = ["peak 92 %", steady, *("statement " * 60 for _ in range(10))]

    kept = abridge(lines, 3000, len, 1, whole={0, 1})

    assert kept.lines[:2] == (lines[0], steady)
    assert all("characters left out" in line for line in kept.lines[2:])
    assert kept.left_out == 0


def test_no_figure_is_cut_in_two() -> None:
    figures = [f"{n * 7919 % 100000}.25" for n in range(300)]

    kept = within([f"values = {' '.join(figures)}", *DESCRIBED], 2000)

    shown = re.sub(r"… \(\d+ characters left out\) …", "", kept.lines[0])
    assert "characters left out" in kept.lines[0]
    assert set(re.findall(r"[\d.]+", shown)) <= set(figures)


texts = st.sampled_from(["ERROR boom", "all is well", "x" * 400, "a = 1", "1 2 3 " * 60]) | st.text(
    st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=60
)


@given(st.lists(texts, max_size=60), st.integers(-5, 3000), st.integers(0, 9), st.integers(0, 1))
def test_the_room_is_kept_and_every_line_is_shown_or_counted(
    lines: list[str], room: int, overhead: int, always: int
) -> None:
    kept = abridge(lines, room, len, overhead, always)

    assert len(kept.lines) + kept.left_out == len(lines)
    spent = sum(len(line) + overhead for line in kept.lines)
    assert spent <= max(0, room) or len(kept.lines) <= always


@given(st.lists(texts, max_size=40), st.integers(0, 3000))
def test_a_line_begins_with_a_sign_exactly_where_others_are_missing_before_it(
    lines: list[str], room: int
) -> None:
    lines = [f"{number:03};{line}" for number, line in enumerate(lines)]

    previous = -1
    for line in within(lines, room).lines:
        number = int(line.removeprefix(GAP)[:3])
        assert line.startswith(GAP) == (number != previous + 1)
        previous = number
