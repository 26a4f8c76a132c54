"""The style sheet, without its comments and blanks."""

import re
from pathlib import Path

from rendering.html import Html

SHEET = Path(__file__).with_suffix(".css")


def _packed(sheet: str) -> Html:
    without = re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)
    return Html(re.sub(r"\s*([{};:,>])\s*", r"\1", " ".join(without.split())))


STYLE = _packed(SHEET.read_text("utf-8"))
