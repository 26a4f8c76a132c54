"""Data about people: e-mail addresses, payment cards, bank accounts."""

import re
from collections.abc import Iterator

from diagnose.evidence.redaction.numbers import is_card, is_iban
from diagnose.evidence.redaction.views import View

LOCAL = re.compile(r"[\w.!#$&'*+/=?^`{|}~-]", re.ASCII)
LOCAL_CHARS = 64
DOMAIN = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})\.){1,8}(?P<top>[A-Za-z]{2,24})(?![\w-])", re.ASCII)
NO_ADDRESS = """
png jpg jpeg gif svg webp ico css js json yaml yml toml html
service socket timer target slice scope mount swap device
local internal localdomain lan svc cluster
"""
NO_TOP = frozenset(NO_ADDRESS.split())
"""Files, units and hosts of private networks are no addresses."""
USERINFO = re.compile(r"://[^\s/?#]{0,320}$")
CARD = re.compile(r"[2-6](?<![\w.,/+-].)(?<!\d[ -].)(?:[ -]?\d){12,18}(?![\w/-]|[.,]\d| ?\d)")
IBAN = re.compile(
    r"[A-Z][A-Z]\d\d(?<![A-Za-z0-9].{4})"
    r"(?:[A-Z0-9]{11,30}|(?: [A-Z0-9]{4}){2,7}(?: [A-Z0-9]{1,4})?)(?![A-Za-z0-9])"
)


def personal_data(view: View) -> Iterator[tuple[str, int, int]]:
    """Kind, start and end of each."""
    text, at = view.text, -1
    while (at := text.find("@", at + 1)) >= 0:
        if (found := DOMAIN.match(text, at + 1)) and found["top"].lower() not in NO_TOP:
            start = _local_start(text, at)
            userinfo = USERINFO.search(text, max(0, start - 330), at)
            if start < at and not userinfo and text[start:at] != "git":
                yield "email", start, found.end()
    for found in CARD.finditer(text):
        if is_card(found.group()):
            yield "card", *found.span()
    for found in IBAN.finditer(text):
        if (end := _iban_end(found.group())) > 0:
            yield "iban", found.start(), found.start() + end


def _local_start(text: str, at: int) -> int:
    """Where the part before the @ begins; a name and an equals sign before it are none of it."""
    start = at
    while start > max(0, at - LOCAL_CHARS) and LOCAL.match(text[start - 1]):
        start -= 1
    part = text[start:at]
    start += max(part.rfind(char) for char in "=/?&'`{|}#") + 1
    return start + len(text[start:at]) - len(text[start:at].lstrip(".-"))


def _iban_end(text: str) -> int:
    """Where the IBAN ends; groups of letters after it look as if they were of it. 0 when there is none."""
    while text and not is_iban(text):
        text = text.rpartition(" ")[0]
    return len(text)
