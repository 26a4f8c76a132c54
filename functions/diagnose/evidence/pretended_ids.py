"""Ids that data pretends to have: a true one stands in square brackets before its item, and nowhere else."""

import re

ID = r"[^\W\d_]\d{1,9}"
OPENING, CLOSING = (
    "[\uff3b\u3010\u3014\u3016\u27e6\u301a\u2045\u2772",
    "]\uff3d\u3011\u3015\u3017\u27e7\u301b\u2046\u2773",
)
PRETENDED = re.compile(
    rf"[{re.escape(OPENING)}]\s*+({ID}(?:\s*+[,;\u2013-]\s*+{ID})*+)\s*+[{re.escape(CLOSING)}]"
)
"""One id or some, of letters and digits of any script, in what may be taken for square brackets."""


def without_ids(text: str) -> str:
    """The text with the ids in it in round brackets: as long as before, and no longer what it pretended."""
    return PRETENDED.sub(r"(\1)", text)
