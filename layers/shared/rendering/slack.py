"""Blocks as Slack's mrkdwn, for an incoming message or a custom notification of Amazon Q Developer.

Slack's own rules (docs.slack.dev, "Formatting message text"): `&`, `<` and `>` are written as entities, so
that no `<@user>`, `<!channel>` or `<address|words>` is left; nothing is formatted in a code span. What it
makes links of by itself, addresses and names with a dot, gets an invisible joiner: a custom notification has
no setting that keeps Slack from it.
"""

import re
from collections.abc import Iterable

from rendering.blocks import (
    Block,
    Bullets,
    Code,
    CodeBlock,
    Heading,
    Inline,
    Line,
    Link,
    Paragraph,
    Strong,
)
from rendering.words import ADDRESS, code_lines, one_line, runs, unlinked

ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
FENCE = re.compile("`{3,}")
BACKTICK = "\u02cb"
"""Looks like a backtick, and ends no code: Slack has no way to write one inside of it."""
PARTED = "An invisible character keeps an address in it from being a link: copy it from the ticket."


def slack(blocks: Iterable[Block]) -> str:
    """The blocks in their order, a blank line between any two."""
    return "\n\n".join(map(_block, blocks)) + "\n"


def _block(block: Block) -> str:
    match block:
        case Heading(text):
            return f"*{_text(text)}*"
        case Paragraph(line):
            return _line(line)
        case Bullets(items):
            return "\n".join(f"\u2022 {_line(item)}" for item in items)
        case CodeBlock(text):
            lines = code_lines(text)
            shown = [unlinked(line, ADDRESS) for line in lines]
            code = FENCE.sub(lambda run: BACKTICK * len(run[0]), "\n".join(shown)).translate(ENTITIES)
            return f"```\n{code}\n```" if shown == lines else f"```\n{code}\n```\n{PARTED}"


def _line(line: Line) -> str:
    return " ".join(map(_inline, line))


def _inline(part: Inline) -> str:
    match part:
        case Strong(text):
            return f"*{_text(text)}*"
        case Code(text):
            return _code(text)
        case Link(words, url):
            return f"<{url.translate(ENTITIES)}|{_text(words)}>"
        case str():
            return _text(part)


def _text(text: str) -> str:
    parts = runs(one_line(text))
    return "".join(part.translate(ENTITIES) if is_prose else _code(part) for part, is_prose in parts)


def _code(text: str) -> str:
    return f"`{unlinked(text).replace('`', BACKTICK).translate(ENTITIES)}`"
