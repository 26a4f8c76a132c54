"""Blocks as Jira's wiki markup, for a description or a comment.

Jira's own rules (its page "Text Formatting Notation"): a backslash before any of `ESCAPED` shows it as it is.
What acts without one of these gets an invisible joiner: an address, a heading or a list at the beginning of
a line, a line break of two backslashes, an emoticon, an entity. In {noformat} nothing acts but its own end.
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
from rendering.words import ADDRESS, JOINER, code_lines, one_line, unlinked

ESCAPED = re.compile(r"[!\[\]^~+?%{}()*_\-|@]")
PARTED = re.compile(r"(?<=\\)|(?<=[:;])(?=[-()DdPp|])|(?<=&)(?=[#\w])|^(?=[#.]|h[1-6]\.|bq\.)")
"""Where the joiner goes beside addresses: behind backslashes, in emoticons and entities, at the beginning."""
END = re.compile(r"\{(?=noformat)", re.IGNORECASE)


def jira(blocks: Iterable[Block]) -> str:
    """The blocks in their order, a blank line between any two."""
    return "\n\n".join(map(_block, blocks)) + "\n"


def _block(block: Block) -> str:
    match block:
        case Heading(text, level):
            return f"h{level}. {_text(text)}"
        case Paragraph(line):
            return _line(line)
        case Bullets(items):
            return "\n".join(f"* {_line(item)}" for item in items)
        case CodeBlock(text):
            code = END.sub("{" + JOINER, "\n".join(code_lines(text)))
            return f"{{noformat}}\n{code}\n{{noformat}}"


def _line(line: Line) -> str:
    return " ".join(map(_inline, line))


def _inline(part: Inline) -> str:
    match part:
        case Strong(text):
            return f"*{_text(text)}*"
        case Code(text):
            return f"{{{{{_text(text)}}}}}"
        case Link(words, url):
            return f"[{_text(words)}|{url}]"
        case str():
            return _text(part)


def _text(text: str) -> str:
    return ESCAPED.sub(r"\\\g<0>", unlinked(PARTED.sub(JOINER, one_line(text)), ADDRESS))
