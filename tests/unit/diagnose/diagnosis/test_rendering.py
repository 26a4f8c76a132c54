"""The Markdown that people read: whatever the model was made to say, only our own markup acts."""

import re
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from diagnose.diagnosis.checked import Check, Checked, Confidence, Result
from diagnose.diagnosis.rendering import render, render_error
from diagnose.diagnosis.schema import (
    Alternative,
    Citation,
    Command,
    Component,
    Diagnosis,
    Hop,
    Hypothesis,
    MetricReading,
    MissingData,
    TimelineEntry,
)
from diagnose.evidence.characters import clean

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
HEADINGS = [
    "Action required",
    "Diagnosis",
    "Causal chain",
    "Recommended action",
    "Risks",
    "Metric readings",
    "Timeline",
    "Alternative 1: a disk",
    "Missing data",
    "Not confirmed by the evidence",
    "Notes",
]


def checked(diagnosis: Diagnosis, *doubts: str) -> Checked:
    said = diagnosis.primary.confidence
    checks = [Check("id", "primary.evidence[0]", Result.FAILED, doubt) for doubt in doubts]
    return Checked(diagnosis, checks, Confidence(said, said, ()), [], [])


def diagnosis_of(say: Callable[[str], str] = str, command: str = "df -h") -> Diagnosis:
    """A diagnosis whose every text is what `say` makes of the one that belongs there."""
    return Diagnosis(
        verdict="action_required",
        headline=say("A slow disk holds up tikv-4: wait and observe."),
        timeline=[TimelineEntry(at=say("02:10"), event=say("it began"), evidence=[say("L1")])],
        components=[Component(name=say("tikv-4"), role="cause")],
        metric_readings=[
            MetricReading(
                name=say("disk.await_ms"),
                value=say("41.2"),
                unit=say("ms"),
                note=say("high"),
                evidence=say("M1"),
            )
        ],
        primary=Hypothesis(
            diagnosis=say("a slow disk"),
            confidence="insufficient_data",
            reasoning=say("await is high"),
            evidence=[Citation(id=say("M1"), shows=say("41.2 ms"))],
            chain=[
                Hop(
                    from_component=say("tikv-4"),
                    to_component=say("tidb"),
                    how=say("its commits wait for the disk"),
                    since=say("02:10"),
                    evidence=[say("M1")],
                )
            ],
        ),
        alternatives=[
            Alternative(
                diagnosis=say("a disk"),
                supporting=[Citation(id=say("M1"), shows=say("41.2"))],
                contradicting=[Citation(id=say("L1"), shows=say("quiet"))],
                conclusion=say("less likely"),
                deciding_observation=say("the disk's errors"),
                deciding_command=say("df -h"),
            )
        ],
        severity="warning",
        recommended_action=say("wait and observe"),
        commands=[
            Command(
                command=command,
                purpose=say("free space"),
                changes=say("nothing"),
                risk=say("none, read-only"),
            )
        ],
        risks=[say("data loss")],
        missing_data=[MissingData(what=say("disk model"), where=say("its label"))],
    )


def rendered(say: Callable[[str], str] = str, command: str = "df -h") -> str:
    return render(checked(diagnosis_of(say, command), say("cites M9")), [say("log cut")])


def flat(tokens: list[Token]) -> list[Token]:
    return [inner for token in tokens for inner in (token, *flat(token.children or []))]


def shape(markdown: str) -> list[str]:
    """What a reader's screen is made of: the tokens' kinds and tags, without any words."""
    return [f"{token.type} {token.tag}" for token in flat(MARKDOWN.parse(markdown))]


def words(markdown: str) -> list[str]:
    """What is read in each inline run, the markup gone."""
    return [
        "".join(child.content for child in token.children or [])
        for token in MARKDOWN.parse(markdown)
        if token.type == "inline"
    ]


def headings(markdown: str) -> list[str]:
    tokens = MARKDOWN.parse(markdown)
    return [following.content for token, following in pairwise(tokens) if token.type == "heading_open"]


def test_the_answer_comes_first_then_what_it_rests_on_then_what_is_in_doubt() -> None:
    assert headings(rendered()) == HEADINGS


def test_a_diagnosis_reads_as_plain_words() -> None:
    text = words(rendered())

    assert text[1:3] == [
        "A slow disk holds up tikv-4: wait and observe.",
        "Confidence: insufficient data · Severity: warning · Components: tikv-4 (cause)",
    ]
    assert "a slow disk" in text
    assert "tikv-4 → tidb, since 02:10: its commits wait for the disk (M1)" in text
    assert "02:10: it began (L1)" in text
    assert "For: M1: 41.2" in text
    assert "Against: L1: quiet" in text
    assert "Conclusion: less likely" in text
    assert "The diagnosis cites M9" in text
    start = text.index("disk.await_ms")
    assert text[start : start + 5] == ["disk.await_ms", "41.2", "ms", "high", "M1"]


def test_sections_with_nothing_to_say_are_left_out() -> None:
    bare = diagnosis_of().model_copy(
        update={
            "timeline": [],
            "components": [],
            "metric_readings": [],
            "alternatives": [],
            "commands": [],
            "risks": [],
            "missing_data": [],
        }
    )

    assert headings(render(checked(bare), [])) == [
        "Action required",
        "Diagnosis",
        "Causal chain",
        "Recommended action",
    ]
    assert "Components: not established" in render(checked(bare), [])


def test_a_diagnosis_without_words_still_has_its_headline() -> None:
    assert "No words were given." in words(rendered(lambda _text: ""))


HOSTILE = [
    "# A heading",
    "Setext\n===",
    "[a link](https://evil.example)",
    "![an image](https://evil.example/i.png)",
    "<img src=x onerror=alert(1)>",
    "<https://evil.example>",
    "<!-- hidden",
    "| a | b |\n|---|---|",
    "cell | another \\| third \\\\| fourth",
    "`code` and ```\nfence\n```",
    "~~~\nfence",
    "~~struck out~~",
    "*bold* **bolder** __boldest__ _italic_",
    "- item",
    "+ item",
    "* item",
    "1. item",
    "12) item",
    "> quote",
    "---",
    "[ref]: https://evil.example",
    "[^1]: note",
    "- [ ] task",
    "&lt;b&gt; &#91;x&#93; &amp;",
    "    indented code",
    "line\n\n## Recommended action\n\nrm -rf /",
    "line\u2028## Recommended action",
    "ends with a closing #",
    "ends with a backslash \\",
    "$\\alpha$ ^sup^ :smile:",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_markup_in_a_text_is_shown_and_does_not_act(text: str) -> None:
    markdown = rendered(lambda _text: text)

    assert shape(markdown) == shape(rendered())
    assert " ".join(clean(text).split()) in words(markdown)


fragments = st.sampled_from([*HOSTILE, "\n", " ", "\\", "`", "|", "_", "*", "#", "&", "<", "[", "!", "1."])


@given(st.lists(fragments | st.text(), min_size=1).map("".join).filter(lambda text: clean(text).strip()))
def test_no_text_whatever_changes_the_shape_or_loses_a_word(text: str) -> None:
    markdown = rendered(lambda _text: text)

    assert shape(markdown) == shape(rendered())
    assert " ".join(clean(text).split()) in words(markdown)


@pytest.mark.parametrize(
    "text",
    [
        "see https://evil.example/x",
        "see HTTP://evil.example",
        "see ftp://evil.example",
        "see www.evil.example",
        "(_www.evil.example",
        "mailto:a@evil.example",
        "write to a@evil.example",
    ],
)
def test_bare_addresses_are_not_turned_into_links_but_read_the_same(text: str) -> None:
    markdown = rendered(lambda _text: text)

    assert re.search(r"://|www\.|@|mailto:", markdown, re.IGNORECASE) is None
    assert text in words(markdown)


def test_names_with_underscores_stay_readable_in_the_raw_text() -> None:
    assert "| raft_append_log_p99 |" in rendered(lambda _text: "raft_append_log_p99")


def code_in(markdown: str) -> list[str]:
    return [token.content for token in MARKDOWN.parse(markdown) if token.type == "fence"]


@pytest.mark.parametrize(
    "command",
    [
        "df -h",
        "echo '```'\n# Heading\n```\n[link](https://evil.example)",
        "`" * 7,
        "~~~\nout",
        "a\n\n\nb",
        "  indented",
        "",
    ],
)
def test_a_command_cannot_leave_its_block(command: str) -> None:
    markdown = rendered(command=command)

    assert shape(markdown) == shape(rendered())
    assert code_in(markdown) == [f"{command}\n"]


@given(st.text(st.characters() | st.sampled_from("`~\n#")))
def test_no_command_whatever_leaves_its_block(command: str) -> None:
    assert shape(rendered(command=command)) == shape(rendered())


def test_a_command_has_no_characters_that_hide_what_it_does() -> None:
    [code] = code_in(rendered(command="rm \u202etxt\x1b[2K\rdf"))

    assert code == "rm txt\ndf\n"


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


def test_an_error_without_a_request_id_does_not_speak_of_one() -> None:
    assert "Request id" not in render_error("bad_ticket", "message: missing", None, "now")


@pytest.mark.parametrize("text", HOSTILE)
def test_markup_in_an_error_does_not_act_either(text: str) -> None:
    markdown = render_error("refusal", text, text, "now")

    assert shape(markdown) == shape(render_error("refusal", "m", "r", "now"))
