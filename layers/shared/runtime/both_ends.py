"""A text in less room than it takes, and never in silence."""

NEAR_CHARS = 24
"""How far from the middle of a word a cut moves to its end."""


def both_ends(text: str, limit: int) -> str:
    """The text, or its two ends around the number of characters left out, within `limit`.

    Words and figures are not cut in two where a blank is near: half a figure is a wrong one.
    """
    if len(text) <= limit:
        return text
    room = max(0, limit - len(f" … ({len(text)} characters left out) … "))
    head = room - room // 2
    tail = len(text) - room // 2
    head = blank if (blank := text.rfind(" ", max(0, head - NEAR_CHARS), head + 1)) > 0 else head
    tail = blank + 1 if (blank := text.find(" ", tail - 1, tail + NEAR_CHARS)) >= 0 else tail
    return f"{text[:head]} … ({tail - head} characters left out) … {text[tail:]}"
