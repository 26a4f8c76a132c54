"""How many tokens a text is, without the tokenizer, which no vendor ships: each character has a weight.

The weights were fitted to two published vocabularies of tokens over logs, JSON, Markdown, code, tickets,
identifiers and seven languages; decision 0020 has the figures. A weight is a hundredth of a token. Weights
add up, so that the parts of a prompt take exactly what the whole of it takes.
"""

UNIT = 100
"""Weights in one token."""


def _weight_of(byte: int) -> int:
    """Of a byte of UTF-8: all of a character's weight stands on its first."""
    if byte >= 0x80:
        return 0 if byte < 0xC0 else 75 if byte < 0xE0 else 105 if byte < 0xF0 else 255
    char = chr(byte)
    if char.islower():
        return 26
    if char.isupper():
        return 76
    if char.isdigit():
        return 88
    return {" ": 11, "\n": 55, "_": 90, "/": 90, ".": 25, "+": 25}.get(char, 12 if char in "=*#~-" else 50)


WEIGHTS = bytes(map(_weight_of, range(256)))
LIGHTEST = min(weight for weight in WEIGHTS if weight)
"""No character takes less."""


def weight(text: str) -> int:
    """What a text takes, in hundredths of a token."""
    return sum(text.encode("utf-8", "replace").translate(WEIGHTS))


def count_tokens(text: str) -> int:
    """The estimate that budgets are counted in."""
    return -(-weight(text) // UNIT)
