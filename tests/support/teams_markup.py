"""What acts in the Markdown that Teams shows: that of CommonMark, `<at>...</at>`, addresses by themselves."""

import re

from markdown_it import MarkdownIt
from markdown_it.token import Token

JOINER = "\u2060"
MARKDOWN = MarkdownIt("commonmark")
OUR_LINK = re.compile(r"\]\(https://console\.aws\.amazon\.com/[^)\s]*\)")
BY_ITSELF = re.compile(r"<[/!?\w]|https?://|ftp://|mailto:|\bwww\.\w", re.IGNORECASE)
"""What some reader of the text may take for a tag, a mention or a link, in code too."""
PLAIN = {"text", "code_inline", "inline", "paragraph_open", "paragraph_close"}


def acting(text: str) -> list[str]:
    """What acts, in its order: the marks, but for paragraphs and code spans; and what would act by itself."""
    found = [token.type for token in _tokens(MARKDOWN.parse(text)) if token.type not in PLAIN]
    return found + BY_ITSELF.findall(OUR_LINK.sub("](ours)", text))


def _tokens(tokens: list[Token]) -> list[Token]:
    return [each for token in tokens for each in (token, *_tokens(token.children or []))]


def read(text: str) -> str:
    """What a person reads, in one line, but for backticks."""
    told = [
        token.content if token.type in ("text", "code_inline") else "\n"
        for token in _tokens(MARKDOWN.parse(text))
        if token.type in ("text", "code_inline", "paragraph_close")
    ]
    return " ".join("".join(told).replace(JOINER, "").replace("`", "").replace("\u02cb", "").split())
