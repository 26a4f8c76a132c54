"""The stand-in's answer to the short question whether a known cause holds, by plain rules.

A line `step 1 (M1, L2): ...` names a step and its ids. A step is seen again if each of its ids has an item,
and none of these says that a metric is back, that it deviates no more, or that nothing was found. What it
shows is how its first item begins. The cause holds if every step is seen again.
"""

import re
from typing import Any

from local.claude.evidence import read_evidence

_STEP = re.compile(r"^step (\d+) \(([^()]*)\): ", re.MULTILINE)
_AGAINST = re.compile(r"\bno departure\b|\bback since\b|\blooked and found nothing\b|\bcould not look\b")
_LONGEST = 110


def derive_holds(user_text: str) -> dict[str, Any]:
    """The answer under the names that the project's schema of the short question uses."""
    items = {item.id: item.text for item in read_evidence(user_text)}
    steps = []
    for number, named in _STEP.findall(user_text):
        ids = [name for part in named.split(",") if (name := part.strip())]
        texts = [items.get(id_, "") for id_ in ids]
        is_seen = bool(texts) and all(texts) and not any(map(_AGAINST.search, texts))
        shows = f"Stand-in: {_beginning(texts[0])}" if is_seen else "Stand-in: not all is there"
        steps.append({"step": int(number), "ids": ids, "seen": "yes" if is_seen else "no", "shows": shows})
    seen = {step["seen"] for step in steps}
    verdict = "cannot_tell" if not steps else "holds" if seen == {"yes"} else "does_not_hold"
    return {"verdict": verdict, "steps": steps}


def _beginning(text: str) -> str:
    """Up to a comma or a blank, so that no figure is cut in two."""
    line = text.partition("\n")[0]
    if len(line) <= _LONGEST:
        return line
    return line[: max(line.rfind(", ", 0, _LONGEST), line.rfind(" ", 0, _LONGEST), 1)]
