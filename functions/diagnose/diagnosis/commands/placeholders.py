"""Placeholders such as `<pod-name>`, which a shell takes for redirections."""

import re

PLACEHOLDER = re.compile(r"<[A-Za-z][A-Za-z0-9_. -]{0,40}>")


def filled_in(text: str) -> str:
    """The command with a plain word in each placeholder's place; empty when it has none."""
    filled = PLACEHOLDER.sub("placeholder", text)
    return "" if filled == text else filled
