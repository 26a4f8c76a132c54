"""docs/benchmarks.md: one section for each benchmark, replaced when that benchmark runs again."""

import os
import platform
import re
from collections.abc import Iterable, Sequence

from local.aws.template import ROOT

PAGE = ROOT / "docs" / "benchmarks.md"
_HEAD = "# Benchmarks\n\nWritten by the benchmarks themselves (`make bench`): a section each."


def write_section(title: str, text: str) -> None:
    """Puts the section into the page, in the place of the one with this title if there is one."""
    head, *sections = re.split(
        r"^(?=## )", PAGE.read_text("utf-8") if PAGE.exists() else _HEAD, flags=re.MULTILINE
    )
    by_title = {section.splitlines()[0].removeprefix("## "): section.strip() for section in sections}
    by_title[title] = f"## {title}\n\n{text.strip()}"
    PAGE.write_text("\n\n".join([head.strip(), *by_title.values()]) + "\n", "utf-8")


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table whose first column is text and whose others are figures."""
    rule = ["---", *["---:"] * (len(header) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [header, rule, *rows])


def machine() -> str:
    """What it ran on, in words that name no machine."""
    return f"{os.cpu_count()} cores, {platform.system()} on {platform.machine()}"
