"""Slack, Teams, Jira, plain text: only our own marks and our own links act there, and every word is read."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnose.diagnosis.rendering.document import document
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
from rendering.jira import jira
from rendering.plain import PARTED, plain
from rendering.room import ROOMS
from rendering.slack import slack
from rendering.teams import teams
from runtime.characters import clean
from tests.support import jira_markup, slack_markup, teams_markup
from tests.support.diagnoses import ALARM, whole
from tests.support.injections import INJECTIONS

BLOCKS: list[Block] = [
    Heading("Causal chain"),
    Paragraph(
        (Strong("Cause:"), "a slow disk.", Code("rediagnose"), Link("console", "https://a.example/b?c&d"))
    ),
    Bullets((("one",), (Strong("two:"), "and more"))),
    CodeBlock("df -h\n\nls *"),
]
ADDRESS = re.compile(r"\w:(?=//)|\bmailto:|\bxmpp:|[^\s\u2060]@|\w\.[^\W\d_]{2}", re.IGNORECASE)
"""What mail programs make links of."""


def blocks_of(text: str) -> list[Block]:
    return document(*whole(lambda _text: text, command=text), ROOMS[0])


def words_of(text: str) -> str:
    return " ".join(clean(text).split())


def test_slack_gets_its_own_marks() -> None:
    assert slack(BLOCKS) == (
        "*Causal chain*\n\n"
        "*Cause:* a slow disk. `rediagnose` <https://a.example/b?c&amp;d|console>\n\n"
        "\u2022 one\n\u2022 *two:* and more\n\n"
        "```\ndf -h\n\nls *\n```\n"
    )


def test_teams_gets_its_own_marks() -> None:
    assert teams(BLOCKS) == (
        "**Causal chain**\n\n"
        "**Cause:** a slow disk. `rediagnose` [console](https://a.example/b?c&d)\n\n"
        "- one\n- **two:** and more\n\n"
        "`df -h`\n\n`ls *`\n"
    )


def test_jira_gets_its_own_marks() -> None:
    assert jira(BLOCKS) == (
        "h2. Causal chain\n\n"
        "*Cause:* a slow disk. {{rediagnose}} [console|https://a.example/b?c&d]\n\n"
        "* one\n* *two:* and more\n\n"
        "{noformat}\ndf -h\n\nls *\n{noformat}\n"
    )


def test_plain_text_has_no_marks_at_all() -> None:
    assert plain(BLOCKS) == (
        "Causal chain\n------------\n\n"
        "Cause: a slow disk. rediagnose console: https://a.example/b?c&d\n\n"
        "- one\n- two: and more\n\n"
        "    df -h\n\n    ls *\n"
    )


def check_slack(text: str) -> None:
    written = slack(blocks_of(text))
    assert slack_markup.acting(written) == slack_markup.acting(slack(blocks_of("plain words")))
    assert slack_markup.without_backticks(words_of(text)) in slack_markup.read(written)


def check_teams(text: str) -> None:
    written = teams(blocks_of(text))
    assert teams_markup.acting(written) == teams_markup.acting(teams(blocks_of("plain words")))
    assert slack_markup.without_backticks(words_of(text)) in teams_markup.read(written)


def check_jira(text: str) -> None:
    written = jira(blocks_of(text))
    assert jira_markup.acting(written) == jira_markup.acting(jira(blocks_of("plain words")))
    assert words_of(text) in jira_markup.read(written)


def check_plain(text: str) -> None:
    written = plain(blocks_of(text))
    assert ADDRESS.findall(written.replace(ALARM, "")) == []
    assert written.count(ALARM) == 1
    assert words_of(text) in written.replace("\u2060", "")


CHECKS: list[Callable[[str], None]] = [check_slack, check_teams, check_jira, check_plain]


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("text", INJECTIONS)
def test_an_attempt_makes_nothing_act_and_is_there_to_read(check: Callable[[str], None], text: str) -> None:
    check(text)


pieces = st.sampled_from(
    [*INJECTIONS, *"\n \\`_*#&<>[]{}()!|~:;.@/-+=?^1a", "http://", "www.", "h1.", "&gt;"]
)


@pytest.mark.parametrize("check", CHECKS)
@settings(max_examples=40)
@given(text=st.lists(pieces | st.text(max_size=8), min_size=1, max_size=8).map("".join))
def test_no_text_whatever_makes_anything_act(check: Callable[[str], None], text: str) -> None:
    check(f"x {text}")


def test_a_command_whose_address_is_parted_says_so() -> None:
    blocks: list[Block] = [CodeBlock("curl https://evil.example/x")]

    assert PARTED in plain(blocks)
    assert "copy it from the ticket" in slack(blocks)
    assert "copy it" not in slack([CodeBlock("kubectl apply -f a.yaml")])
    assert "copy it" not in plain([CodeBlock("df -h")])


@pytest.mark.parametrize("write", [slack, teams, plain])
def test_a_command_without_an_address_is_shown_as_it_stands(write: Callable[[list[Block]], str]) -> None:
    command = "kubectl get pods -n prod | grep -v Running > /tmp/pods"

    assert command in write([CodeBlock(command)]).replace("&gt;", ">")


def test_no_command_ends_its_block_in_slack_or_jira() -> None:
    assert (
        slack([CodeBlock("echo '```' <!channel>")])
        == "```\necho '\u02cb\u02cb\u02cb' &lt;!channel&gt;\n```\n"
    )
    assert jira([CodeBlock("echo {noformat} {NoFormat}")]) == (
        "{noformat}\necho {\u2060noformat} {\u2060NoFormat}\n{noformat}\n"
    )
