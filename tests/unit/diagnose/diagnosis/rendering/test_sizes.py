"""Answers of any size: rendered within a second of processor time and the item's room, and cut out loud."""

import re
import time
from collections.abc import Callable

import pytest

from diagnose.diagnosis.checked import Check, Checked, Result
from diagnose.diagnosis.rendering.document import document
from diagnose.diagnosis.rendering.ticket_text import MOST_BYTES, render, render_error
from diagnose.diagnosis.schema import Citation, Diagnosis
from diagnose.evidence.prompt import Prompt
from rendering.blocks import Block
from rendering.jira import jira
from rendering.markdown import markdown
from rendering.plain import plain
from rendering.room import ROOMS
from rendering.slack import slack
from rendering.teams import teams
from tests.support.collecting import not_collecting
from tests.support.diagnoses import checked_of, diagnosis_of, prompt_of

pytestmark = pytest.mark.not_followed  # it is timed

MEGABYTE = 1_000_000
SECONDS = 1.0
WORDS = {
    "one word": "x" * MEGABYTE,
    "words": "disk slow " * (MEGABYTE // 10),
    "names": "a.b " * (MEGABYTE // 4),
    "backticks": "`a" * (MEGABYTE // 2),
    "four bytes": "\U00010348 " * (MEGABYTE // 2),
    "lines": "\n" * MEGABYTE,
    "hidden": "\u200b" * MEGABYTE + "seen",
    "escapes": "\x1b[31m" * (MEGABYTE // 5),
    "blanks": " " * MEGABYTE,
    "underscores": "_" * MEGABYTE,
}


def multiplied(diagnosis: Diagnosis, times: int) -> Diagnosis:
    """The same with each of its lists so many times as long, those within alternatives ten times."""
    [alternative] = diagnosis.alternatives
    primary = diagnosis.primary
    longer = alternative.model_copy(
        update={"supporting": alternative.supporting * 10, "contradicting": alternative.contradicting * 10}
    )
    return diagnosis.model_copy(
        update={
            "timeline": diagnosis.timeline * times,
            "components": diagnosis.components * times,
            "metric_readings": diagnosis.metric_readings * times,
            "alternatives": [longer] * times,
            "commands": diagnosis.commands * times,
            "risks": diagnosis.risks * times,
            "missing_data": diagnosis.missing_data * times,
            "primary": primary.model_copy(
                update={
                    "evidence": [Citation(id=f"M{number}", shows="41.2") for number in range(times)],
                    "chain": primary.chain * times,
                }
            ),
        }
    )


def flooded(text: str, times: int) -> tuple[Checked, list[str], Prompt]:
    """What a rendering is given, with the text in every place and so many entries in every list."""
    diagnosis = multiplied(diagnosis_of(lambda _text: text, command=text or "df -h"), times)
    checks = [
        Check("id", f"chain[{place}]", Result.FAILED, f"{place} {text[:999]}") for place in range(times)
    ]
    checked = checked_of(diagnosis, checks, reasons=[text] * times)
    return checked, [text] * times, prompt_of(lambda _text: text)


def rendered(text: str, times: int) -> str:
    """The Markdown, which took no more than the time that it may."""
    found = flooded(text, times)
    with not_collecting():
        started = time.process_time()
        written = render(*found)
        took = time.process_time() - started
    assert took < SECONDS
    return written


@pytest.mark.parametrize("times", [400, 5000])
@pytest.mark.parametrize(
    "text", ["", "disk.await_ms is slow " * 20, "\U00010348 " * 200], ids=["0", "a", "w"]
)
def test_thousands_of_entries_are_rendered_in_time_and_in_room(text: str, times: int) -> None:
    written = rendered(text, times)

    assert len(written.encode()) <= MOST_BYTES
    assert re.search(
        r"\d+ more (alternatives )?are not shown here: the attribute `diagnosis_record`", written
    )


@pytest.mark.parametrize("text", WORDS.values(), ids=WORDS)
def test_a_megabyte_in_every_place_is_rendered_in_time_and_in_room(text: str) -> None:
    written = rendered(text, 1)

    assert len(written.encode()) <= MOST_BYTES
    assert "characters left out" in written


@pytest.mark.parametrize("text", ["\U00010348" * 500, "a.b c " * 100, "`" * 500, "_ a " * 150], ids=range(4))
def test_the_last_room_fits_whatever_the_answer_is(text: str) -> None:
    """Every list is longer than it may be, and of the heaviest texts."""
    assert len(markdown(document(*flooded(text, 50), ROOMS[-1])).encode()) <= MOST_BYTES


def test_the_longest_answer_that_can_be_asked_for_is_shown_whole() -> None:
    """21,000 tokens are hardly more than 84,000 characters."""
    diagnosis = multiplied(diagnosis_of(lambda text: f"{text}, quoted from {text}, and more"), 40)
    assert len(diagnosis.model_dump_json()) > 84_000

    written = render(checked_of(diagnosis), [], prompt_of())

    assert "not shown here" not in written
    assert "left out" not in written


@pytest.mark.parametrize("write", [plain, slack, teams, jira])
def test_the_other_places_take_no_longer(write: Callable[[list[Block]], str]) -> None:
    blocks = document(*flooded("disk.await_ms *is* {slow} " * 2000, 400), ROOMS[2])
    started = time.process_time()
    write(blocks)
    assert time.process_time() - started < SECONDS


def test_an_error_as_long_as_a_page_is_cut() -> None:
    assert len(render_error("server", "<html>" * MEGABYTE, "r" * MEGABYTE, "now")) < 20_000
