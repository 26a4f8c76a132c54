"""Blocks as Markdown: prose stays prose, names stand in code spans, commands in blocks that nothing ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from rendering.blocks import (
    Block,
    Bullets,
    Code,
    CodeBlock,
    Heading,
    Link,
    Paragraph,
    Strong,
)
from rendering.markdown import markdown

MARKDOWN = MarkdownIt("commonmark")


def text_of(text: str) -> str:
    return markdown([Paragraph((text,))]).removesuffix("\n")


def code_in(text: str) -> list[str]:
    return [token.content for token in MARKDOWN.parse(text) if token.type == "code_block"]


def kinds(text: str) -> list[str]:
    return [token.type for token in MARKDOWN.parse(text)]


def test_each_kind_of_block_is_written_as_people_write_it() -> None:
    blocks: list[Block] = [
        Heading("Causal chain"),
        Heading("Risks", 3),
        Paragraph(
            (Strong("Cause:"), "a slow disk.", "Write", Code("rediagnose"), Link("console", "https://a/b"))
        ),
        Bullets((("one",), (Strong("two:"), "and more"))),
        CodeBlock("df -h\n\nls"),
    ]

    assert markdown(blocks) == (
        "## Causal chain\n\n"
        "### Risks\n\n"
        "**Cause:** a slow disk. Write `rediagnose` [console](https://a/b)\n\n"
        "- one\n- **two:** and more\n\n"
        "    df -h\n\n    ls\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        "The disk's await rose from 1.4 ms to 41.2 ms (-4 min), 95 % of 14,063,512,655 bytes.",
        "At 02:10:35 and 2026-11-17T02:10:35.071Z (at the onset) read/write errors doubled; wait!",
        'tikv-4 → tidb: it says "slow", that\'s 5% + 300ms = too much',
        "Schöne Grüße, задержка диска, تأخير القرص",
        "原因はディスクの遅延です。再起動はしないでください。",
    ],
)
def test_prose_of_any_language_is_left_as_it_is(text: str) -> None:
    assert text_of(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("disk.await_ms rose", "`disk.await_ms` rose"),
        ("run install.sh, then wait", "run `install.sh`, then wait"),
        ("write to (ops@evil.example).", "write to (`ops@evil.example`)."),
        (
            "see https://evil.example/x www.evil.example now",
            "see `https://evil.example/x www.evil.example` now",
        ),
        ("**bold** it", "`**bold**` it"),
        ("fixes #123 and OPS-42 in deadbeef42", "fixes `#123` and `OPS-42` in `deadbeef42`"),
        ("1. item", "`1`. item"),
        ("the www. part", "the `www`. part"),
        ("- item", "`-` item"),
        ("=== x", "`===` x"),
        ("a`b", "`a`&#96;`b`"),
        ("\uff20here", "`\uff20here`"),
    ],
)
def test_whatever_is_no_plain_prose_stands_in_a_code_span(text: str, shown: str) -> None:
    assert text_of(text) == shown


def test_a_number_or_a_sign_within_a_line_begins_no_list() -> None:
    assert text_of("it took 1. Then - so to say - more") == "it took 1. Then - so to say - more"


def test_a_text_of_many_lines_is_one() -> None:
    assert text_of("one\n\n  two\u2028three\u202e") == "one two three"


@pytest.mark.parametrize(
    "command",
    [
        "df -h",
        "echo '```'\n# Heading\n```\n[link](https://evil.example)",
        "`" * 7,
        "~~~\nout",
        "a\n\n\nb",
        "  indented",
        "<script>\n\n</script>",
    ],
)
def test_a_command_is_shown_as_it_stands_and_cannot_leave_its_block(command: str) -> None:
    text = markdown([Paragraph(("before",)), CodeBlock(command), Paragraph(("after",))])

    assert code_in(text) == [f"{command}\n"]
    assert kinds(text)[3] == "code_block"
    assert kinds(text)[4:] == ["paragraph_open", "inline", "paragraph_close"]


@given(st.text(st.characters() | st.sampled_from("`~\n#<")))
def test_no_command_whatever_leaves_its_block(command: str) -> None:
    text = markdown([Bullets((("before",),)), Paragraph(("then",)), CodeBlock(command), Heading("after")])

    assert len(code_in(text)) == 1
    assert kinds(text)[-4:] == ["code_block", "heading_open", "inline", "heading_close"]


def test_a_command_has_no_characters_that_hide_what_it_does() -> None:
    assert code_in(markdown([CodeBlock("rm \u202etxt\x1b[2K\rdf")])) == ["rm txt\ndf\n"]


def test_a_command_of_nothing_says_so() -> None:
    assert code_in(markdown([CodeBlock(" \n\u200b")])) == ["(nothing)\n"]
