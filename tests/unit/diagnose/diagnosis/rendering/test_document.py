"""What a person reads, in which order; the first screen is enough to act."""

import re

import pytest
from markdown_it import MarkdownIt

from diagnose.diagnosis.checked import Check, Checked, Effect, JudgedCommand, Result
from diagnose.diagnosis.rendering.ticket_text import render, render_error, render_trouble
from tests.support.diagnoses import ALARM, checked_of, diagnosis_of, prompt_of, whole

MARKDOWN = MarkdownIt("commonmark")
FIRST_SCREEN = 25


def words(markdown: str) -> list[str]:
    """What is read in each line of text, the markup gone."""
    return [
        "".join(child.content for child in token.children or [])
        for token in MARKDOWN.parse(markdown)
        if token.type == "inline"
    ]


def headings(markdown: str) -> list[str]:
    return re.findall(r"^##+ (.*)$", markdown, re.MULTILINE)


def read(checked: Checked) -> list[str]:
    return words(render(checked, [], prompt_of()))


def test_what_to_do_comes_first_then_what_it_rests_on_then_what_is_in_doubt() -> None:
    assert headings(render(*whole())) == [
        "Action required",
        "Causal chain",
        "What to do",
        "Risks",
        "Evidence",
        "Timeline",
        "Metric readings",
        "Alternative 1: a disk",
        "Not looked at",
        "Not confirmed by the evidence",
        "Notes",
    ]


def test_the_first_screen_is_enough_to_act() -> None:
    first = "\n".join(render(*whole()).splitlines()[:FIRST_SCREEN])

    for needed in (
        "Action required",
        "A slow disk holds up",
        "Confidence: low",
        "a slow disk",
        "tidb, since 02:10",
        "wait and observe",
        "df -h",
        "changing",
    ):
        assert needed in first


def test_a_headline_is_300_characters_at_most_and_says_what_is_left_out() -> None:
    long = diagnosis_of().model_copy(update={"headline": f"Disk full: {'very ' * 100}clear /data."})

    headline = read(checked_of(long))[1]

    assert len(headline) <= 300
    assert headline.startswith("Disk full: very")
    assert headline.endswith("clear /data.")
    assert "characters left out" in headline


def test_the_confidence_is_what_is_shown_what_the_model_said_and_why() -> None:
    checked = checked_of(diagnosis_of(), shown="low", reasons=["a.", "b", "c", "d", "e"])

    assert read(checked)[2] == (
        "Confidence: low (the model said high: a; b; c; 2 more reasons, below) · severity: warning"
    )


def test_a_confidence_that_was_left_as_it_was_says_so() -> None:
    assert read(checked_of(diagnosis_of(), shown="high"))[2] == (
        "Confidence: high (as the model said) · severity: warning"
    )


def test_each_hop_says_what_came_of_its_checks() -> None:
    checks = [
        Check("edge", "primary.chain[0]", Result.PASSED, "a"),
        Check("deviation", "primary.chain[0]", Result.FAILED, "b"),
        Check("order", "primary.chain[0].since", Result.UNKNOWN, "c"),
        Check("deviation", "primary.chain[0].evidence[1]", Result.PASSED, "d"),
        Check("edge", "primary.chain[1]", Result.FAILED, "of no hop that is there"),
    ]

    markdown = render(checked_of(diagnosis_of(), checks), [], prompt_of())

    assert (
        "- **deviation failed; order unknown; 1 passed:** "
        "tikv-4 → tidb, since 02:10: its commits wait for the disk (M1)\n"
    ) in markdown


@pytest.mark.parametrize(
    ("effect", "shown"),
    [
        (Effect.READ_ONLY, "read-only"),
        (Effect.CHANGING, "changing"),
        (Effect.DESTRUCTIVE, "DESTRUCTIVE"),
    ],
)
def test_each_command_stands_behind_what_it_does(effect: Effect, shown: str) -> None:
    judged = JudgedCommand(effect, "rm deletes", ("the letter \u0430 is Cyrillic",))

    markdown = render(checked_of(diagnosis_of(), judged=judged), [], prompt_of())

    told = f"**{shown}** (rm deletes; look closely: the letter \u0430 is Cyrillic)"
    assert f"{told} free space:\n\n    df -h\n\nChanges: nothing · Risk: none, read-only\n" in markdown
    assert f"- **What would decide:** the disk's errors\n\n{told}\n\n    df -h\n" in markdown


def test_an_alternative_that_no_command_decides_has_none() -> None:
    diagnosis = diagnosis_of()
    [alternative] = diagnosis.alternatives
    bare = diagnosis.model_copy(
        update={"alternatives": [alternative.model_copy(update={"deciding_command": " "})], "commands": []}
    )

    assert "    df -h" not in render(checked_of(bare), [], prompt_of())


def test_an_item_of_evidence_says_its_source_its_offset_and_where_to_look() -> None:
    markdown = render(checked_of(diagnosis_of()), [], prompt_of())

    assert "- **M1:** 41.2 ms (Metric snapshot, -4 min)\n" in markdown
    assert f"- **A1:** ALARM (The alarm, at the onset) [console]({ALARM})\n" in markdown


def test_an_id_that_is_not_in_the_evidence_does_not_stand_out_as_one() -> None:
    diagnosis = diagnosis_of(lambda text: "M9" if text == "M1" else text)

    markdown = render(checked_of(diagnosis), [], prompt_of())

    assert "- M9: 41.2 ms\n" in markdown
    assert "**M9" not in markdown


def test_what_only_the_chain_cites_is_shown_with_the_items_own_words() -> None:
    diagnosis = diagnosis_of()
    primary = diagnosis.primary.model_copy(update={"evidence": []})

    text = read(checked_of(diagnosis.model_copy(update={"primary": primary})))

    assert "M1: disk.await_ms: 41.2 ms since 2026-11-17T02:10:00Z (-4 min) (Metric snapshot, -4 min)" in text


def test_what_was_not_looked_at_is_told_with_what_the_model_missed_and_nothing_else() -> None:
    markdown = render(*whole())
    [told] = re.findall(r"^## Not looked at\n\n(.*?)\n\n", markdown, re.MULTILINE | re.DOTALL)

    assert told == "- could not look: traces\n- missing: disk model (in its label)"


def test_doubts_say_whether_they_failed_or_cannot_be_known() -> None:
    text = words(render(*whole()))

    assert text.index("failed: The diagnosis cites M9, which is not in the evidence") < text.index(
        "unknown: The diagnosis gives no time for the first hop"
    )
    assert "The diagnosis names two that are connected" not in text


def test_sections_with_nothing_to_say_are_left_out() -> None:
    nothing: list[str] = []
    bare = diagnosis_of().model_copy(
        update=dict.fromkeys(
            [
                "timeline",
                "components",
                "metric_readings",
                "alternatives",
                "commands",
                "risks",
                "missing_data",
            ],
            nothing,
        )
    )
    prompt = prompt_of()
    prompt.evidence.clear()

    markdown = render(checked_of(bare), [], prompt)

    assert headings(markdown) == ["Action required", "Causal chain", "What to do", "Evidence"]
    assert "**Components:** not established" in markdown


def test_a_diagnosis_without_words_still_has_its_headings() -> None:
    text = words(render(*whole(lambda _text: "", command="")))

    assert text[:4] == [
        "Action required",
        "No words were given.",
        "Confidence: low (the model said high) · severity: warning",
        "Cause: No words were given.",
    ]


def test_an_error_is_headed_so_that_nobody_takes_it_for_a_finding() -> None:
    markdown = render_error("bad_ticket", "message: missing", "req_1", "2026-11-17T02:10:35.071Z")

    assert headings(markdown) == ["Diagnosis error"]
    assert words(markdown)[1:] == [
        "This ticket was not diagnosed (bad_ticket): message: missing",
        (
            "At 2026-11-17T02:10:35.071Z. Request id: req_1. "
            "Write the attribute rediagnose with any new text to have it tried again."
        ),
    ]


def test_a_ticket_that_waits_says_what_it_met_and_until_when() -> None:
    markdown = render_trouble("timed_out", "no answer", None, "2026-11-17T02:10:35Z", "2026-11-17T02:20:35Z")

    assert headings(markdown) == ["Diagnosis error"]
    assert words(markdown)[1:] == [
        "This ticket is not diagnosed yet. Last met (timed_out): no answer",
        "At 2026-11-17T02:10:35Z. It is tried again at 2026-11-17T02:20:35Z.",
    ]


def test_an_error_without_a_request_id_does_not_speak_of_one() -> None:
    assert "Request id" not in render_error("bad_ticket", "message: missing", None, "now")
